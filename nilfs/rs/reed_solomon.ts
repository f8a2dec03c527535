import { NilfsError } from "../errors.js";
import { formatProfile, isIndex, slotsOf, type Profile } from "../profile.js";
import type { Gf256Kernel } from "../types.js";
import { gfPower, invertMatrix, multiplyMatrices } from "./gf256.js";

/*
 * Systematic Reed-Solomon: with V[r][c] = r^c, the codeword's matrix is V·(V's top K rows)^-1, whose top is the identity
 * (storage.md B §2). Applied bytewise, so whole shards go through at once.
 */

/** Rows K..K+M-1 of the codeword's matrix: M × K, row-major. For 8+4 they begin 26, 132, 186, … */
export function parityMatrix(profile: Profile): Uint8Array {
  return codeMatrix(profile).subarray(profile.k * profile.k);
}

/** The M parity shards of K data shards of equal length. */
export function encodeParity(profile: Profile, kernel: Gf256Kernel, data: readonly Uint8Array[]): Uint8Array[] {
  const parity = Array.from({ length: profile.m }, () => new Uint8Array(data[0]!.length));
  kernel.multiply(parityMatrix(profile), data, parity);
  return parity;
}

/**
 * The wanted slots' bytes from any K others of the same row or shard. `available` may hold more than K; the lowest K
 * slots are used. @throws NilfsError `not_enough_shards`, `bad_length`, `index_out_of_range`.
 */
export function reconstruct(
  profile: Profile,
  kernel: Gf256Kernel,
  available: ReadonlyMap<number, Uint8Array>,
  wanted: readonly number[],
): Map<number, Uint8Array> {
  const { k } = profile;
  const used = [...available.keys()].sort((a, b) => a - b).slice(0, k);
  for (const slot of [...used, ...wanted]) {
    if (!isIndex(slot, slotsOf(profile))) throw new NilfsError("index_out_of_range", `slot ${slot}: profile ${formatProfile(profile)} has ${slotsOf(profile)}`);
  }
  if (used.length < k) throw new NilfsError("not_enough_shards", `${used.length} of the ${k} slots that profile ${formatProfile(profile)} needs`);
  const inputs = used.map((slot) => available.get(slot)!);
  const length = inputs[0]!.length;
  if (inputs.some((input) => input.length !== length)) throw new NilfsError("bad_length", "shards of one row differ in length");

  const out = new Map<number, Uint8Array>();
  for (const slot of wanted) out.set(slot, available.get(slot) ?? new Uint8Array(length));
  const missing = [...out.keys()].filter((slot) => !available.has(slot));
  if (missing.length === 0) return out;
  const code = codeMatrix(profile);
  const rowsFor = (slots: readonly number[]): Uint8Array => {
    const rows = new Uint8Array(slots.length * k);
    slots.forEach((slot, i) => rows.set(code.subarray(slot * k, (slot + 1) * k), i * k));
    return rows;
  };
  const matrix = multiplyMatrices(rowsFor(missing), invertMatrix(rowsFor(used), k), k);
  kernel.multiply(matrix, inputs, missing.map((slot) => out.get(slot)!));
  return out;
}

function codeMatrix(profile: Profile): Uint8Array {
  const { k } = profile;
  const vandermonde = Uint8Array.from({ length: slotsOf(profile) * k }, (_, i) => gfPower((i - (i % k)) / k, i % k));
  return multiplyMatrices(vandermonde, invertMatrix(vandermonde.subarray(0, k * k), k), k);
}
