import { base64 } from "nild/gen/wasm/field.js";
import { isZero } from "../bytes.js";
import { BLOB_BYTES, CELLS_PER_BLOB, CELL_BYTES } from "../profile.js";
import { loadKernel } from "../wasm.js";
import { FIELD_ORDER, bigintAt } from "./field.js";

/** Sums over whole blobs, whose cells are taken mod r. Both implementations give the same numbers. */
export interface FieldKernel {
  readonly name: "wasm" | "js";
  /** Cell by cell Σ weightsᵢ·blobsᵢ mod r: 4096 scalars. Weights are below 2^128. */
  combine(blobs: readonly Uint8Array[], weights: readonly bigint[]): bigint[];
  /** Per blob Σ_c weights[c]·cell[c] mod r, for 4096 weights below r. */
  dots(blobs: readonly Uint8Array[], weights: readonly bigint[]): bigint[];
}

export function createFieldKernel(): FieldKernel {
  return wasmFieldKernel() ?? jsFieldKernel;
}

export const jsFieldKernel: FieldKernel = {
  name: "js",
  combine(blobs, weights) {
    const sums = new Array<bigint>(CELLS_PER_BLOB).fill(0n);
    blobs.forEach((blob, i) => {
      if (isZero(blob)) return;
      for (let c = 0; c < CELLS_PER_BLOB; c++) sums[c]! += weights[i]! * bigintAt(blob, c * CELL_BYTES);
    });
    return sums.map((sum) => sum % FIELD_ORDER);
  },
  dots(blobs, weights) {
    return blobs.map((blob) => {
      let sum = 0n;
      for (let c = 0; c < CELLS_PER_BLOB; c++) sum += weights[c]! * bigintAt(blob, c * CELL_BYTES);
      return sum % FIELD_ORDER;
    });
  },
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  addScaled(cells: number, weight: number, sums: number): void;
  dot(cells: number, weights: number, sum: number): void;
}

// Memory layout: one blob, then 4096 weights, then the sums (13 limbs a cell for combine, 17 limbs for dot).
const CELLS = 1024;
const WEIGHTS = CELLS + BLOB_BYTES;
const SUMS = WEIGHTS + BLOB_BYTES;
const SUM_BYTES = 52;
const DOT_BYTES = 68;

export function wasmFieldKernel(): FieldKernel | undefined {
  const kernel = loadKernel<Exports>(base64);
  if (kernel === undefined) return undefined;
  const memory = new Uint8Array(kernel.memory.buffer);
  const view = new DataView(kernel.memory.buffer);
  return {
    name: "wasm",
    combine(blobs, weights) {
      memory.fill(0, SUMS, SUMS + CELLS_PER_BLOB * SUM_BYTES);
      blobs.forEach((blob, i) => {
        if (isZero(blob)) return;
        memory.set(blob, CELLS);
        writeLimbs(view, WEIGHTS, weights[i]!, 2);
        kernel.addScaled(CELLS, WEIGHTS, SUMS);
      });
      return Array.from({ length: CELLS_PER_BLOB }, (_, c) => readLimbs(view, SUMS + c * SUM_BYTES, SUM_BYTES) % FIELD_ORDER);
    },
    dots(blobs, weights) {
      weights.forEach((weight, c) => writeLimbs(view, WEIGHTS + c * CELL_BYTES, weight, 4));
      return blobs.map((blob) => {
        memory.set(blob, CELLS);
        memory.fill(0, SUMS, SUMS + DOT_BYTES);
        kernel.dot(CELLS, WEIGHTS, SUMS);
        return readLimbs(view, SUMS, DOT_BYTES) % FIELD_ORDER;
      });
    },
  };
}

function writeLimbs(view: DataView, at: number, value: bigint, words: number): void {
  for (let w = 0, rest = value; w < words; w++, rest >>= 64n) view.setBigUint64(at + 8 * w, rest & 0xffff_ffff_ffff_ffffn, true);
}

/** A little-endian integer of `length` bytes, `length` a multiple of 4. */
function readLimbs(view: DataView, at: number, length: number): bigint {
  let value = 0n;
  let end = length;
  if (end % 8 !== 0) value = BigInt(view.getUint32(at + (end -= 4), true));
  while (end > 0) value = (value << 64n) | view.getBigUint64(at + (end -= 8), true);
  return value;
}
