import { BLOB_BYTES } from "nild/nilfs";

/*
 * Objects travel without their zero blobs: a mask of "0" and "1", one digit per blob, says which ones the body holds.
 */

/** Request and answer header that carries the mask. Without it the body is the whole object. */
export const BLOBS_HEADER = "nil-blobs";
/** Request header: the reader understands masks. */
export const SPARSE_HEADER = "nil-sparse";

export interface SparseBody {
  readonly mask: string;
  readonly body: Uint8Array;
}

/** @param bytes whole blobs. */
export function packBlobs(bytes: Uint8Array): SparseBody {
  const kept: Uint8Array[] = [];
  let mask = "";
  for (let at = 0; at < bytes.length; at += BLOB_BYTES) {
    const blob = bytes.subarray(at, at + BLOB_BYTES);
    const zero = isZeroBlob(blob);
    mask += zero ? "0" : "1";
    if (!zero) kept.push(blob);
  }
  const body = new Uint8Array(kept.length * BLOB_BYTES);
  kept.forEach((blob, i) => body.set(blob, i * BLOB_BYTES));
  return { mask, body };
}

/** Undefined when mask and body do not fit each other or do not make `blobs` blobs. */
export function unpackBlobs(mask: string, body: Uint8Array, blobs: number): Uint8Array | undefined {
  if (mask.length !== blobs || !/^[01]*$/.test(mask)) return undefined;
  if (body.length !== maskedBlobs(mask) * BLOB_BYTES) return undefined;
  if (body.length === blobs * BLOB_BYTES) return body;
  const out = new Uint8Array(blobs * BLOB_BYTES);
  let from = 0;
  for (let i = 0; i < blobs; i++) {
    if (mask[i] === "0") continue;
    out.set(body.subarray(from, from + BLOB_BYTES), i * BLOB_BYTES);
    from += BLOB_BYTES;
  }
  return out;
}

/** How many blobs the body of this mask holds. */
export function maskedBlobs(mask: string): number {
  let count = 0;
  for (const digit of mask) if (digit === "1") count++;
  return count;
}

export function isZeroBlob(blob: Uint8Array): boolean {
  // Whole MDUs pass through here: four bytes at a time where the view allows it, in a plain loop.
  const words = blob.byteOffset % 4 === 0 && blob.length % 4 === 0 ? new Uint32Array(blob.buffer, blob.byteOffset, blob.length / 4) : blob;
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}
