/** Test support for module authors: contexts, a fixture application, accounts, traps and golden files. */
export * from "./contexts.js";
