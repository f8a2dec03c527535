/** Authenticated state: IAVL trees under a simple Merkle tree, branches over them, ICS-23 proofs of them. */
export * from "./types.js";
export * from "./errors.js";
export { MultiStore, type MultiStoreOptions } from "./multistore.js";
export { MemoryDatabase } from "./memory.js";
export type { Verification } from "./verify.js";
