import { CELLS_PER_BLOB, CELL_BYTES, BLOB_BYTES } from "../profile.js";
import { FIELD_ORDER, bigintAt, scalarBytes } from "../kzg/field.js";

/** REVERSED[i]: the 12 bits of i backwards. EIP-4844 holds cell i at this place of the domain. */
const REVERSED = Uint16Array.from({ length: CELLS_PER_BLOB }, (_, i) => {
  let reversed = 0;
  for (let bit = 0; bit < 12; bit++) reversed |= ((i >> bit) & 1) << (11 - bit);
  return reversed;
});

/** Our blob (natural order, any 32-byte cells) as EIP-4844 libraries take it: bit-reversed order, cells below r. */
export function toEip4844(blob: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOB_BYTES);
  for (let i = 0; i < CELLS_PER_BLOB; i++) {
    const from = i * CELL_BYTES;
    const to = REVERSED[i]! * CELL_BYTES;
    // r begins with 0x73: most cells show by their first byte that they are below it.
    if (blob[from]! < 0x73) out.set(blob.subarray(from, from + CELL_BYTES), to);
    else out.set(scalarBytes(bigintAt(blob, from) % FIELD_ORDER), to);
  }
  return out;
}
