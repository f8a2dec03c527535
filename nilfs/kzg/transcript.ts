import { sha256 } from "@noble/hashes/sha2.js";
import { ascii, concatBytes, u32 } from "../bytes.js";
import type { Opening } from "../types.js";

/** 128-bit weights that nobody can choose: each is hashed from every byte of what it weighs. */

/** γ₀ = 1, γᵢ = first 16 bytes of SHA256(T ‖ U32 i), T = SHA256(z ‖ all Cᵢ ‖ all yᵢ) (storage.md A1). */
export function aggregateWeights(commitments: readonly Uint8Array[], z: Uint8Array, ys: readonly Uint8Array[]): bigint[] {
  const [, ...rest] = weights(sha256(concatBytes(z, ...commitments, ...ys)), commitments.length);
  return [1n, ...rest];
}

/** T = SHA256("nil/batch/v1" ‖ for each item C ‖ z ‖ y ‖ π). */
export function batchWeights(items: readonly Opening[]): bigint[] {
  const parts = items.flatMap(({ commitment, z, y, proof }) => [commitment, z, y, proof]);
  return weights(sha256(concatBytes(ascii("nil/batch/v1"), ...parts)), items.length);
}

/** T = SHA256("nil/blobs/v1" ‖ for each blob SHA256(blob) ‖ C). */
export function blobWeights(blobs: readonly Uint8Array[], commitments: readonly Uint8Array[], hash: (bytes: Uint8Array) => Uint8Array): bigint[] {
  const parts = blobs.flatMap((blob, i) => [hash(blob), commitments[i]!]);
  return weights(sha256(concatBytes(ascii("nil/blobs/v1"), ...parts)), blobs.length);
}

function weights(transcript: Uint8Array, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    const view = new DataView(sha256(concatBytes(transcript, u32(i, "i"))).buffer);
    return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
  });
}
