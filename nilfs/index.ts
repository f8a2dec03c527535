/** The storage format: layout, packing, erasure coding, commitments and proofs. Pure; runs in Node and in browsers. */
export * from "./errors.js";
export * from "./profile.js";
export * from "./types.js";
