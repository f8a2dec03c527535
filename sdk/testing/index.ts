/** Test support for module authors: contexts, a fixture application, accounts, traps and golden files. */
export * from "./accounts.js";
export * from "./calls.js";
export * from "./contexts.js";
export * from "./fixture.js";
export * from "./golden.js";
export * from "./sign.js";
export { TrapError, trapped } from "./traps.js";
