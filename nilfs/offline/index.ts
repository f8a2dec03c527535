/** The offline commands of `nild nilfs`: files in, files and plain JSON objects out. Node only. */
export { inspect, encode, type InspectReport, type SlabJson, type OfflineEncodeOptions } from "./encode.js";
export { decode, type DecodeReport } from "./decode.js";
export { prove, verify, type ProofJson, type VerifyResult } from "./prove.js";
