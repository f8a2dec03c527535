import { NilfsError } from "./errors.js";
import { BLOB_BYTES, CELL_BYTES, CELL_PAYLOAD_BYTES, MDU_BYTES, MDU_PAYLOAD_BYTES, ceilQuotient, isIndex, wholeQuotient } from "./profile.js";

/*
 * Scalar packing (storage.md B §2): payload in groups of 31 bytes, each right-aligned in a 32-byte big-endian cell.
 * A cell is thus below 2^248 and always canonical. The last group may be short, and is right-aligned too, so unpacking
 * needs the payload's exact length.
 */

/** One encoded MDU (8,388,608 bytes) from at most 8,126,464 payload bytes. @throws NilfsError `bad_length`. */
export function packMdu(payload: Uint8Array): Uint8Array {
  checkPayloadLength(payload.length);
  const out = new Uint8Array(MDU_BYTES);
  const cells = ceilQuotient(payload.length, CELL_PAYLOAD_BYTES);
  for (let cell = 0; cell < cells; cell++) {
    const group = payload.subarray(cell * CELL_PAYLOAD_BYTES, (cell + 1) * CELL_PAYLOAD_BYTES);
    out.set(group, (cell + 1) * CELL_BYTES - group.length);
  }
  return out;
}

/**
 * Payload bytes [from, to) of an MDU that was packed from `payloadLength` bytes, read from its 64 data blobs in order.
 * `blobAt` is asked only for the blobs that the range touches. @throws NilfsError `bad_length`.
 */
export function unpackRange(blobAt: (blob: number) => Uint8Array, payloadLength: number, from: number, to: number): Uint8Array {
  checkPayloadLength(payloadLength);
  if (!isIndex(from, to + 1) || to > payloadLength) throw new NilfsError("bad_length", `range ${from}..${to} of a payload of ${payloadLength} bytes`);
  const out = new Uint8Array(to - from);
  let at = from;
  while (at < to) {
    const cell = wholeQuotient(at, CELL_PAYLOAD_BYTES);
    const groupStart = cell * CELL_PAYLOAD_BYTES;
    const groupLength = Math.min(CELL_PAYLOAD_BYTES, payloadLength - groupStart);
    const end = Math.min(groupStart + groupLength, to);
    const cellEnd = ((cell + 1) * CELL_BYTES) % BLOB_BYTES || BLOB_BYTES;
    const first = cellEnd - groupLength + (at - groupStart);
    out.set(blobAt(wholeQuotient(cell * CELL_BYTES, BLOB_BYTES)).subarray(first, first + end - at), at - from);
    at = end;
  }
  return out;
}

/** The first `payloadLength` payload bytes of a whole encoded MDU. @throws NilfsError `bad_length`. */
export function unpackMdu(mdu: Uint8Array, payloadLength: number): Uint8Array {
  if (mdu.length !== MDU_BYTES) throw new NilfsError("bad_length", `MDU of ${mdu.length} bytes, expected ${MDU_BYTES}`);
  return unpackRange((blob) => mdu.subarray(blob * BLOB_BYTES, (blob + 1) * BLOB_BYTES), payloadLength, 0, payloadLength);
}

/** True when every cell's first byte is 0, as in all user and witness blobs, parity included. */
export function isPacked(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += CELL_BYTES) if (bytes[at] !== 0) return false;
  return true;
}

/** @throws NilfsError `non_canonical_cell`, naming the first bad cell. */
export function checkPacked(bytes: Uint8Array, name: string): void {
  for (let at = 0; at < bytes.length; at += CELL_BYTES) {
    if (bytes[at] !== 0) throw new NilfsError("non_canonical_cell", `${name}: cell ${wholeQuotient(at, CELL_BYTES)} begins with a byte other than 0`);
  }
}

export function blobsOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: wholeQuotient(bytes.length, BLOB_BYTES) }, (_, i) => bytes.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES));
}

function checkPayloadLength(length: number): void {
  if (!isIndex(length, MDU_PAYLOAD_BYTES + 1)) throw new NilfsError("bad_length", `payload of ${length} bytes; an MDU holds ${MDU_PAYLOAD_BYTES}`);
}
