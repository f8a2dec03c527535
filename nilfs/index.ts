/** The storage format: layout, packing, erasure coding, commitments and proofs. Pure; runs in Node and in browsers. */
export * from "./errors.js";
export * from "./profile.js";
export * from "./types.js";
export * from "./artifacts.js";
export * from "./protocol.js";
export * from "./positions.js";
export * from "./merkle.js";
export { packMdu, unpackMdu, isPacked } from "./packing.js";
export { toHex, fromHex } from "./bytes.js";
export { FIELD_ORDER } from "./kzg/field.js";
export { pureKzg } from "./kzg/pure.js";
