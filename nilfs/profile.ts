import { NilfsError } from "./errors.js";

/** One KZG blob: 4096 cells of 32 bytes. The unit of commitment, challenge and payment. */
export const BLOB_BYTES = 131_072;
export const CELL_BYTES = 32;
export const CELLS_PER_BLOB = 4096;
export const BLOBS_PER_MDU = 64;
/** One MDU (mega data unit): 64 blobs. */
export const MDU_BYTES = 8_388_608;
/** Payload bytes per cell: the cell's first byte stays 0, so every cell is below the field's order. */
export const CELL_PAYLOAD_BYTES = 31;
export const BLOB_PAYLOAD_BYTES = 126_976;
export const MDU_PAYLOAD_BYTES = 8_126_464;
/** The manifest has one cell per MDU, so a slab has at most this many. */
export const MAX_MDUS = 4096;
/** Leaves of the tree of MDU 0 and of every witness MDU. */
export const METADATA_LEAVES = 64;
export const COMMITMENT_BYTES = 48;
export const MAX_SLOTS = 128;

/** Reed-Solomon (K, K+M): any K of the K+M slots give the data back. K=1 is full replication. */
export interface Profile {
  readonly k: number;
  readonly m: number;
}

/** @throws NilfsError `bad_profile` unless K ∈ {1,2,4,8,16,32,64}, M ≥ 1 and K+M ≤ 128 (storage.md A1). */
export function checkProfile(profile: Profile): void {
  const { k, m } = profile;
  const kOk = Number.isInteger(k) && k >= 1 && k <= 64 && (k & (k - 1)) === 0;
  if (!kOk) throw new NilfsError("bad_profile", `profile ${k}+${m}: K must be 1, 2, 4, 8, 16, 32 or 64`);
  if (!Number.isInteger(m) || m < 1) throw new NilfsError("bad_profile", `profile ${k}+${m}: M must be a whole number, 1 or more`);
  if (k + m > MAX_SLOTS) throw new NilfsError("bad_profile", `profile ${k}+${m}: K+M must not exceed ${MAX_SLOTS}`);
}

/** Parses `"8+4"`: two decimal numbers without sign, space or leading zero. @throws NilfsError `bad_profile`. */
export function parseProfile(text: string): Profile {
  const match = /^([1-9][0-9]{0,2})\+([1-9][0-9]{0,2})$/.exec(text);
  if (match === null) throw new NilfsError("bad_profile", `profile "${text.slice(0, 32)}": write it as K+M, for example 8+4`);
  const profile = { k: Number(match[1]), m: Number(match[2]) };
  checkProfile(profile);
  return profile;
}

/** "8+4", as flags and file names have it. */
export function formatProfile(profile: Profile): string {
  return `${profile.k}+${profile.m}`;
}

/** Rows per user MDU: each row is one codeword of K data and M parity blobs. */
export function rowsOf(profile: Profile): number {
  return wholeQuotient(BLOBS_PER_MDU, profile.k);
}

/** K+M. */
export function slotsOf(profile: Profile): number {
  return profile.k + profile.m;
}

/** Leaves of a user MDU's tree: slots × rows, slot-major. */
export function leavesOf(profile: Profile): number {
  return slotsOf(profile) * rowsOf(profile);
}

/** The leaf of a user MDU's tree: slot · rows + row. @throws NilfsError `index_out_of_range`. */
export function leafIndexOf(profile: Profile, slot: number, row: number): number {
  const rows = rowsOf(profile);
  if (!isIndex(slot, slotsOf(profile)) || !isIndex(row, rows)) {
    throw new NilfsError("index_out_of_range", `slot ${slot}, row ${row}: profile ${formatProfile(profile)} has ${slotsOf(profile)} slots of ${rows} rows`);
  }
  return slot * rows + row;
}

/** The inverse of `leafIndexOf`. @throws NilfsError `index_out_of_range`. */
export function slotOfLeaf(profile: Profile, leafIndex: number): { slot: number; row: number } {
  const rows = rowsOf(profile);
  if (!isIndex(leafIndex, leavesOf(profile))) {
    throw new NilfsError("index_out_of_range", `leaf ${leafIndex}: profile ${formatProfile(profile)} has ${leavesOf(profile)} leaves`);
  }
  return { slot: wholeQuotient(leafIndex, rows), row: leafIndex % rows };
}

/** Bytes of one slot's shard of one user MDU. */
export function shardBytes(profile: Profile): number {
  return rowsOf(profile) * BLOB_BYTES;
}

/** Witness MDUs that hold every commitment of `userMdus` user MDUs: ceil(S·L·48 / 8,126,464) (storage.md A1). */
export function witnessMdus(profile: Profile, userMdus: number): number {
  return ceilQuotient(witnessBytes(profile, userMdus), MDU_PAYLOAD_BYTES);
}

/** Bytes of the commitments of `userMdus` user MDUs, before packing. */
export function witnessBytes(profile: Profile, userMdus: number): number {
  return userMdus * leavesOf(profile) * COMMITMENT_BYTES;
}

/** User MDUs that a payload of this extent fills. */
export function userMdusFor(sizeBytes: number): number {
  return ceilQuotient(sizeBytes, MDU_PAYLOAD_BYTES);
}

/** @throws NilfsError `slab_too_large` when 1 + W + S exceeds the manifest's 4096 cells. */
export function checkSlabSize(witness: number, userMdus: number): void {
  const total = 1 + witness + userMdus;
  if (total > MAX_MDUS) {
    throw new NilfsError("slab_too_large", `1 + ${witness} witness + ${userMdus} user MDUs = ${total}; a slab holds ${MAX_MDUS}: split the data over several deals`);
  }
}

/** True when `value` is a whole number in [0, end). */
export function isIndex(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}

/** floor(a / b) for whole a ≥ 0, b > 0, both below 2^53. */
export function wholeQuotient(a: number, b: number): number {
  return (a - (a % b)) / b;
}

/** ceil(a / b) for whole a ≥ 0, b > 0, both below 2^53. */
export function ceilQuotient(a: number, b: number): number {
  return wholeQuotient(a + b - 1, b);
}
