/** The client library: keys, transactions, upload, verified retrieval. Runs in Node and in browsers. */
export * from "./errors.js";
export * from "./wallet.js";
export * from "./registry.js";
export * from "./tx.js";
export * from "./chain.js";
export * from "./types.js";
export * from "./tickets.js";
export * from "./endpoints.js";
export * from "./provider_http.js";
export * from "./responses.js";
export * from "./sparse.js";
export { addressBytes, addressText } from "./bytes.js";
export { put } from "./put.js";
export { get } from "./get.js";
export { ls } from "./ls.js";
export { fetchMetadata, type Blame } from "./metadata.js";
export { profileOf, readVolume, slotHolders, eachBounded, type ReadContext, type SlotHolder } from "./volume.js";
