import { sha256 } from "@noble/hashes/sha2.js";
import { ascii, checkLength, concatBytes, firstU64, u64, type U64 } from "./bytes.js";
import { NilfsError } from "./errors.js";
import {
  BLOB_PAYLOAD_BYTES,
  METADATA_LEAVES,
  MDU_PAYLOAD_BYTES,
  ceilQuotient,
  checkProfile,
  formatProfile,
  isIndex,
  leavesOf,
  rowsOf,
  slotsOf,
  witnessBytes,
  wholeQuotient,
  type Profile,
} from "./profile.js";
import type { Position } from "./types.js";

/*
 * Where a prover must open its data: challenges (storage.md A5, B §5), candidates and retrieval sessions (A6).
 * Chain, provider and client draw the same positions from the same seeds.
 */

/** The slab as the chain knows it. */
export interface SlabShape {
  readonly profile: Profile;
  readonly witnessMdus: number;
  readonly totalMdus: number;
  /** Payload extent in bytes. */
  readonly sizeBytes: U64;
}

export interface ChallengeSeed {
  /** R_e, 32 bytes. */
  readonly beacon: Uint8Array;
  readonly dealId: U64;
  readonly generation: U64;
  readonly slot: number;
  /** A candidate's address, 20 bytes, makes its positions its own; left out for the slot's provider. */
  readonly prover?: Uint8Array;
}

/**
 * The first `count` distinct positions of C_0, C_1, … that hold payload; fewer when the slot has fewer.
 * C_i: h = SHA256("nilstore/chal/v1" ‖ R_e ‖ U64 deal ‖ U64 generation ‖ U64 slot ‖ [prover[20]] ‖ U64 i),
 * mdu = 1 + W + U64(h[0..8]) mod S, row = U64(h[8..16]) mod rows, leaf = slot·rows + row. A position that was drawn
 * before or whose blob holds no payload is skipped; i goes on.
 */
export function drawPositions(params: ChallengeSeed & SlabShape & { readonly count: number }): Position[] {
  const { profile, slot } = params;
  const userMdus = checkShape(params, slot);
  const wanted = Math.min(params.count, poolSize(params, slot));
  const rows = rowsOf(profile);
  const head = challengeHead("nilstore/chal/v1", params);
  const seen = new Set<number>();
  const positions: Position[] = [];
  for (let i = 0; positions.length < wanted; i++) {
    const h = sha256(concatBytes(head, u64(i, "i")));
    const ordinal = Number(firstU64(h) % BigInt(userMdus));
    const row = Number(firstU64(h, 8) % BigInt(rows));
    const key = ordinal * rows + row;
    if (seen.has(key) || !holdsPayload(params, slot, ordinal, row)) continue;
    seen.add(key);
    positions.push({ mduIndex: 1 + params.witnessMdus + ordinal, leafIndex: slot * rows + row });
  }
  return positions;
}

/** How many blobs of the slot hold payload: what a challenge can ask for. */
export function poolSize(shape: SlabShape, slot: number): number {
  const userMdus = checkShape(shape, slot);
  if (userMdus === 0) return 0;
  // Every MDU but the last is full.
  let inLast = 0;
  for (let row = 0; row < rowsOf(shape.profile); row++) if (holdsPayload(shape, slot, userMdus - 1, row)) inLast++;
  return (userMdus - 1) * rowsOf(shape.profile) + inLast;
}

/** True when the slot's blob in this row of the user MDU holds payload: its own, or for parity any of its row's. */
export function holdsPayload(shape: SlabShape, slot: number, userMdu: number, row: number): boolean {
  const { k } = shape.profile;
  const extent = Math.min(MDU_PAYLOAD_BYTES, Number(shape.sizeBytes) - userMdu * MDU_PAYLOAD_BYTES);
  const blob = row * k + (slot < k ? slot : 0);
  return blob * BLOB_PAYLOAD_BYTES < extent;
}

/**
 * The one metadata position of a challenge, never excused: from MDU 0's blobs 0 and 16..63 and the witness blobs that
 * hold commitments. h = SHA256("nil/meta/v1" ‖ the fields of C_i without i); index = U64(h[0..8]) mod pool.
 */
export function metadataPosition(params: ChallengeSeed & Omit<SlabShape, "sizeBytes">): Position {
  const userMdus = checkMdus(params, params.slot);
  const witnessBlobs = ceilQuotient(witnessBytes(params.profile, userMdus), BLOB_PAYLOAD_BYTES);
  const h = sha256(challengeHead("nil/meta/v1", params));
  const index = Number(firstU64(h) % BigInt(MDU0_BLOBS + witnessBlobs));
  if (index === 0) return { mduIndex: 0, leafIndex: 0 };
  if (index < MDU0_BLOBS) return { mduIndex: 0, leafIndex: 15 + index };
  const blob = index - MDU0_BLOBS;
  return { mduIndex: 1 + wholeQuotient(blob, METADATA_LEAVES), leafIndex: blob % METADATA_LEAVES };
}
/** Blob 0 (the used part of the root table) and the file table's 16..63. */
const MDU0_BLOBS = 49;

/** A session's range: `blobCount` blobs of one slot in the order (MDU, row), from leaf `startBlob` of `startMdu`. */
export interface SessionRange {
  readonly profile: Profile;
  readonly slot: number;
  readonly startMdu: number;
  /** Leaf index of the first blob: slot·rows + its row. */
  readonly startBlob: number;
  readonly blobCount: number;
}

/** The i-th blob of a session's range. @throws NilfsError `index_out_of_range`. */
export function sessionBlob(range: SessionRange, index: number): Position {
  const rows = rowsOf(range.profile);
  const startRow = range.startBlob - range.slot * rows;
  if (!isIndex(startRow, rows)) throw new NilfsError("index_out_of_range", `start blob ${range.startBlob} is not one of slot ${range.slot}'s leaves`);
  if (!isIndex(index, range.blobCount)) throw new NilfsError("index_out_of_range", `blob ${index} of a session of ${range.blobCount}`);
  const row = startRow + index;
  return { mduIndex: range.startMdu + wholeQuotient(row, rows), leafIndex: range.slot * rows + (row % rows) };
}

/** True when a position lies in a session's range. */
export function inSession(range: SessionRange, position: Position): boolean {
  const rows = rowsOf(range.profile);
  const row = position.leafIndex - range.slot * rows;
  const startRow = range.startBlob - range.slot * rows;
  return isIndex(row, rows) && isIndex((position.mduIndex - range.startMdu) * rows + row - startRow, range.blobCount);
}

/**
 * The min(count, blobCount) distinct positions that a retrieval proof opens:
 * index_i = U64(SHA256("nil/session-position/v1" ‖ seed[32] ‖ U64 i)[0..8]) mod blobCount, repeats skipped.
 */
export function sessionPositions(seed: Uint8Array, range: SessionRange, count: number): Position[] {
  const head = concatBytes(ascii("nil/session-position/v1"), checkLength(seed, 32, "seed"));
  const wanted = Math.min(count, range.blobCount);
  const indices = new Set<number>();
  for (let i = 0; indices.size < wanted; i++) {
    indices.add(Number(firstU64(sha256(concatBytes(head, u64(i, "i")))) % BigInt(range.blobCount)));
  }
  return [...indices].map((index) => sessionBlob(range, index));
}

function challengeHead(tag: string, seed: ChallengeSeed): Uint8Array {
  return concatBytes(
    ascii(tag),
    checkLength(seed.beacon, 32, "beacon"),
    u64(seed.dealId, "dealId"),
    u64(seed.generation, "generation"),
    u64(seed.slot, "slot"),
    seed.prover === undefined ? new Uint8Array(0) : checkLength(seed.prover, 20, "prover"),
  );
}

/** The user MDUs of a shape whose numbers agree. The loops above end only because of what is checked here. */
function checkShape(shape: SlabShape, slot: number): number {
  const userMdus = checkMdus(shape, slot);
  const size = BigInt(shape.sizeBytes);
  if (size < 0n || (size + BigInt(MDU_PAYLOAD_BYTES - 1)) / BigInt(MDU_PAYLOAD_BYTES) !== BigInt(userMdus)) {
    throw new NilfsError("bad_integer", `${size} payload bytes do not fill ${userMdus} user MDUs`);
  }
  return userMdus;
}

function checkMdus(shape: Omit<SlabShape, "sizeBytes">, slot: number): number {
  checkProfile(shape.profile);
  if (!isIndex(slot, slotsOf(shape.profile))) {
    throw new NilfsError("index_out_of_range", `slot ${slot}: profile ${formatProfile(shape.profile)} has ${slotsOf(shape.profile)} slots`);
  }
  const userMdus = shape.totalMdus - 1 - shape.witnessMdus;
  if (!isIndex(userMdus, shape.totalMdus) || witnessBytes(shape.profile, userMdus) > shape.witnessMdus * MDU_PAYLOAD_BYTES) {
    throw new NilfsError("bad_integer", `${shape.totalMdus} MDUs, ${shape.witnessMdus} of them witness: no such slab of ${leavesOf(shape.profile)} leaves`);
  }
  return userMdus;
}
