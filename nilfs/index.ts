/** The storage format: layout, packing, erasure coding, commitments and proofs. Pure; runs in Node and in browsers. */
export * from "./errors.js";
export * from "./profile.js";
export * from "./types.js";
export * from "./artifacts.js";
export * from "./protocol.js";
export * from "./positions.js";
export * from "./merkle.js";
export { checkProofForm } from "./proof_form.js";
export { toHex, fromHex, type U64 } from "./bytes.js";
export { packMdu, unpackMdu, isPacked } from "./packing.js";
export { MAX_PATH_BYTES, checkPath } from "./paths.js";
export { MAX_FILES, buildMdu0, parseMdu0, parseFileTable, listFiles, findFile, extentOf, extentInMdu, type Mdu0, type TableRecord } from "./mdu0.js";
export { FIELD_ORDER } from "./kzg/field.js";
export { pureKzg } from "./kzg/pure.js";
export { loadSetup, parseSetup } from "./kzg/setup.js";
export { createGf256Kernel, jsGf256Kernel, wasmGf256Kernel } from "./rs/kernel.js";
export { encodeSlab, encodePayload, encodeShards, layOutFiles, shardLeaves, type PayloadSource, type SlabOptions } from "./slab.js";
