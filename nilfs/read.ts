import { joinBytes } from "./bytes.js";
import { NilfsError } from "./errors.js";
import { extentInMdu, findFile, parseFileTable } from "./mdu0.js";
import { blobsOf, unpackRange } from "./packing.js";
import {
  BLOB_PAYLOAD_BYTES,
  MDU_PAYLOAD_BYTES,
  isIndex,
  leafIndexOf,
  rowsOf,
  shardBytes,
  slotsOf,
  wholeQuotient,
  type Profile,
} from "./profile.js";
import { createGf256Kernel } from "./rs/kernel.js";
import { reconstruct } from "./rs/reed_solomon.js";
import type { Gf256Kernel, SlabMetadata } from "./types.js";

/** A verified blob of a user MDU, or undefined when its slot cannot give it. The reader trusts the bytes: verify first. */
export type GetBlob = (mduIndex: number, leafIndex: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** The parts of a slab's metadata that reading needs. */
export type ReadableSlab = Pick<SlabMetadata, "profile" | "witnessMdus" | "mdu0">;

export interface ReadOptions {
  /** First byte of the file, default 0. */
  readonly start?: number;
  /** One past the last byte, default the file's length. */
  readonly end?: number;
  readonly rs?: Gf256Kernel;
}

/** A slot's whole shard of a user MDU, from any K other slots' shards. @throws NilfsError `not_enough_shards`, `bad_length`, `index_out_of_range`. */
export function reconstructShard(profile: Profile, shards: ReadonlyMap<number, Uint8Array>, slot: number, rs: Gf256Kernel = createGf256Kernel()): Uint8Array {
  for (const [from, shard] of shards) {
    if (shard.length !== shardBytes(profile)) throw new NilfsError("bad_length", `slot ${from}: a shard of ${shard.length} bytes, expected ${shardBytes(profile)}`);
  }
  return reconstruct(profile, rs, shards, [slot]).get(slot)!;
}

/** A whole file in memory. @throws as `streamFile`. */
export async function decodeFile(slab: ReadableSlab, path: string, getBlob: GetBlob, options: ReadOptions = {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamFile(slab, path, getBlob, options)) chunks.push(chunk);
  return joinBytes(chunks);
}

/**
 * A file's bytes in order, one chunk of at most one row (K × 126,976 bytes) at a time. Asks for the data blobs first and
 * for parity only where one is missing.
 * @throws NilfsError `file_not_found`, `index_out_of_range` (range outside the file), `not_enough_shards`, `bad_mdu0`.
 */
export async function* streamFile(slab: ReadableSlab, path: string, getBlob: GetBlob, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
  const file = findFile(slab.mdu0, path);
  const { start = 0, end = file.length } = options;
  if (!isIndex(start, end + 1) || !isIndex(end, file.length + 1)) throw new NilfsError("index_out_of_range", `bytes ${start}..${end} of a file of ${file.length}`);
  const records = parseFileTable(slab.mdu0);
  const rs = options.rs ?? createGf256Kernel();
  const rowPayload = slab.profile.k * BLOB_PAYLOAD_BYTES;
  const last = file.startOffset + end;
  let userMdu = -1;
  let extent = 0;
  for (let at = file.startOffset + start; at < last; ) {
    if (wholeQuotient(at, MDU_PAYLOAD_BYTES) !== userMdu) {
      userMdu = wholeQuotient(at, MDU_PAYLOAD_BYTES);
      extent = extentInMdu(records, userMdu);
    }
    const base = userMdu * MDU_PAYLOAD_BYTES;
    const row = wholeQuotient(at - base, rowPayload);
    const stop = Math.min(last, base + (row + 1) * rowPayload);
    const firstBlob = wholeQuotient(at - base, BLOB_PAYLOAD_BYTES);
    const lastBlob = wholeQuotient(stop - 1 - base, BLOB_PAYLOAD_BYTES);
    const slots = Array.from({ length: lastBlob - firstBlob + 1 }, (_, i) => (firstBlob + i) % slab.profile.k);
    const blobs = await readRow(slab, userMdu, row, slots, getBlob, rs);
    yield unpackRange((blob) => blobs.get(blob % slab.profile.k)!, extent, at - base, stop - base);
    at = stop;
  }
}

/** The wanted data slots' blobs of one row, fetched together, rebuilt where missing. @throws NilfsError `not_enough_shards`. */
async function readRow(slab: ReadableSlab, userMdu: number, row: number, wanted: readonly number[], getBlob: GetBlob, rs: Gf256Kernel): Promise<Map<number, Uint8Array>> {
  const { profile } = slab;
  const mduIndex = 1 + slab.witnessMdus + userMdu;
  const found = new Map<number, Uint8Array>();
  const fetch = async (slots: readonly number[]): Promise<void> => {
    const blobs = await Promise.all(slots.map((slot) => getBlob(mduIndex, leafIndexOf(profile, slot, row))));
    blobs.forEach((blob, i) => blob !== undefined && found.set(slots[i]!, blob));
  };
  await fetch(wanted);
  if (found.size === wanted.length) return found;
  const others = Array.from({ length: slotsOf(profile) }, (_, slot) => slot).filter((slot) => !wanted.includes(slot));
  while (found.size < profile.k && others.length > 0) await fetch(others.splice(0, profile.k - found.size));
  if (found.size < profile.k) {
    throw new NilfsError("not_enough_shards", `MDU ${mduIndex}, row ${row}: ${found.size} of the ${profile.k} slots needed could be read`);
  }
  return reconstruct(profile, rs, found, wanted);
}

/** Splits a shard into its rows' blobs. */
export function blobsOfShard(profile: Profile, shard: Uint8Array): Uint8Array[] {
  if (shard.length !== shardBytes(profile)) throw new NilfsError("bad_length", `a shard of ${shard.length} bytes, expected ${shardBytes(profile)} (${rowsOf(profile)} rows)`);
  return blobsOf(shard);
}
