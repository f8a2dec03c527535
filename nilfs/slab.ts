import { sha256 } from "@noble/hashes/sha2.js";
import { joinBytes } from "./bytes.js";
import { NilfsError } from "./errors.js";
import { MANIFEST_ARTIFACT, mduArtifactName, shardArtifactName } from "./artifacts.js";
import { buildManifest } from "./manifest.js";
import { buildMdu0 } from "./mdu0.js";
import { merkleRoot } from "./merkle.js";
import { blobsOf, packMdu } from "./packing.js";
import { checkPath } from "./paths.js";
import {
  BLOB_BYTES,
  BLOBS_PER_MDU,
  MDU_PAYLOAD_BYTES,
  checkProfile,
  checkSlabSize,
  isIndex,
  leavesOf,
  rowsOf,
  shardBytes,
  slotsOf,
  userMdusFor,
  witnessMdus,
  wholeQuotient,
  type Profile,
} from "./profile.js";
import { createGf256Kernel } from "./rs/kernel.js";
import { encodeParity } from "./rs/reed_solomon.js";
import type { EncodeOptions, EncodeProgress, FileRecord, Gf256Kernel, KzgProver, Slab, SlabMetadata } from "./types.js";

/** A payload to encode, read one MDU at a time. */
export interface PayloadSource {
  readonly records: readonly FileRecord[];
  readonly sizeBytes: number;
  /** The payload bytes of a user MDU: 8,126,464, or what is left in the last one. */
  readonly readMdu: (userMdu: number) => Uint8Array | Promise<Uint8Array>;
}

export type SlabOptions = Omit<EncodeOptions, "files">;

/**
 * Encodes files into a slab. Files follow each other in the payload without gaps, so small ones share an MDU.
 * @throws NilfsError `bad_profile`, `bad_path`, `duplicate_path`, `too_many_files`, `slab_too_large`, `bad_integer`.
 */
export async function encodeSlab(options: EncodeOptions): Promise<Slab> {
  const { files, profile } = options;
  const { records, sizeBytes } = layOutFiles(files.map((file) => ({ ...file, length: file.bytes.length })));
  const readMdu = (userMdu: number): Uint8Array => {
    const start = userMdu * MDU_PAYLOAD_BYTES;
    const end = Math.min(start + MDU_PAYLOAD_BYTES, sizeBytes);
    return joinBytes(records.map((r, i) => files[i]!.bytes.subarray(Math.max(0, start - r.startOffset), Math.max(0, end - r.startOffset))));
  };
  const kernel = options.rs ?? createGf256Kernel();
  const metadata = await encodePayload({ records, sizeBytes, readMdu }, { ...options, rs: kernel });

  // Shards are cheap to make again and large to keep; callers ask for them MDU by MDU.
  let cached: { userMdu: number; shards: Uint8Array[] } | undefined;
  return {
    ...metadata,
    shard(userMdu, slot) {
      if (!isIndex(userMdu, metadata.userMdus) || !isIndex(slot, slotsOf(profile))) {
        throw new NilfsError("index_out_of_range", `user MDU ${userMdu}, slot ${slot}: the slab has ${metadata.userMdus} user MDUs of ${slotsOf(profile)} slots`);
      }
      if (cached?.userMdu !== userMdu) cached = { userMdu, shards: encodeShards(profile, kernel, readMdu(userMdu)) };
      return cached.shards[slot]!;
    },
  };
}

/** Encodes a payload of any size, holding one user MDU at a time; shards leave through `options.sink`. @throws as `encodeSlab`. */
export async function encodePayload(source: PayloadSource, options: SlabOptions): Promise<SlabMetadata> {
  const { profile, prover, sink } = options;
  checkProfile(profile);
  const userMdus = userMdusFor(source.sizeBytes);
  const reserved = options.maxUserMdus ?? userMdus;
  if (!isIndex(reserved, Number.MAX_SAFE_INTEGER)) throw new NilfsError("bad_integer", `maxUserMdus ${reserved}: give a whole number, 0 or more`);
  if (!isIndex(userMdus, reserved + 1)) throw new NilfsError("slab_too_large", `the files fill ${userMdus} user MDUs; maxUserMdus is ${reserved}`);
  const witnessCount = witnessMdus(profile, reserved);
  checkSlabSize(witnessCount, reserved);

  const kernel = options.rs ?? createGf256Kernel();
  const report = progressReporter(options.onProgress, source.sizeBytes);
  const commitments: Uint8Array[][] = [];
  for (let u = 0; u < userMdus; u++) {
    const payload = await source.readMdu(u);
    const shards = encodeShards(profile, kernel, payload);
    commitments.push(await commitShards(profile, prover, shards, (share) => report("user", u * MDU_PAYLOAD_BYTES + share * payload.length)));
    for (const [slot, shard] of shards.entries()) await sink?.(shardArtifactName(1 + witnessCount + u, slot), shard);
  }

  report("metadata", source.sizeBytes);
  const userRoots = commitments.map(merkleRoot);
  const witness = packWitness(commitments, witnessCount);
  const witnessRoots: Uint8Array[] = [];
  for (const mdu of witness) witnessRoots.push(await mduRoot(prover, mdu));
  const mdu0 = buildMdu0([...witnessRoots, ...userRoots], source.records);
  const mdu0Root = await mduRoot(prover, mdu0);
  const manifest = buildManifest([mdu0Root, ...witnessRoots, ...userRoots]);
  const metadata: SlabMetadata = {
    profile,
    userMdus,
    witnessMdus: witnessCount,
    totalMdus: 1 + witnessCount + userMdus,
    leafCount: leavesOf(profile),
    sizeBytes: source.sizeBytes,
    manifestRoot: await prover.commit(manifest),
    mdu0Hash: sha256(mdu0),
    mdu0Root,
    witnessRoots,
    userRoots,
    mdu0,
    witness,
    manifest,
    commitments,
  };
  for (const [i, mdu] of [mdu0, ...witness].entries()) await sink?.(mduArtifactName(i), mdu);
  await sink?.(MANIFEST_ARTIFACT, manifest);
  return metadata;
}

/** Start offsets in the order given. @throws NilfsError `bad_path`, `duplicate_path`. */
export function layOutFiles(files: readonly { path: string; length: number; timestamp?: bigint; flags?: number }[]): { records: FileRecord[]; sizeBytes: number } {
  const seen = new Set<string>();
  let sizeBytes = 0;
  const records = files.map(({ path, length, timestamp = 0n, flags = 0 }) => {
    checkPath(path);
    if (seen.has(path)) throw new NilfsError("duplicate_path", `two files are named ${JSON.stringify(path)}`);
    seen.add(path);
    if (timestamp < 0n || timestamp >> 64n !== 0n || !isIndex(flags, 256)) throw new NilfsError("bad_integer", `${path}: the timestamp must fit 64 bits and the flags 8`);
    const startOffset = sizeBytes;
    sizeBytes += length;
    return { path, startOffset, length, timestamp, flags };
  });
  return { records, sizeBytes };
}

/** All K+M shards of one user MDU, by slot: data blob b lies in row b/K of slot b mod K. */
export function encodeShards(profile: Profile, kernel: Gf256Kernel, payload: Uint8Array): Uint8Array[] {
  const { k } = profile;
  const mdu = packMdu(payload);
  if (k === 1) return Array.from({ length: slotsOf(profile) }, () => mdu); // replicas are one and the same bytes
  const data = Array.from({ length: k }, () => new Uint8Array(shardBytes(profile)));
  for (let blob = 0; blob < BLOBS_PER_MDU; blob++) {
    data[blob % k]!.set(mdu.subarray(blob * BLOB_BYTES, (blob + 1) * BLOB_BYTES), wholeQuotient(blob, k) * BLOB_BYTES);
  }
  return [...data, ...encodeParity(profile, kernel, data)];
}

/** Commitments in leaf order (slot-major). */
async function commitShards(profile: Profile, prover: KzgProver, shards: readonly Uint8Array[], onShare: (share: number) => void): Promise<Uint8Array[]> {
  const distinct = profile.k === 1 ? [shards[0]!] : shards;
  const blobs = distinct.flatMap(blobsOf);
  const commitments = await prover.commitMany(blobs, (done) => onShare(done / blobs.length));
  return profile.k === 1 ? shards.flatMap(() => commitments) : commitments;
}

/** The commitments of all user MDUs, packed into the witness MDUs; what is reserved for appends stays zero. */
export function packWitness(commitments: readonly (readonly Uint8Array[])[], witnessCount: number): Uint8Array[] {
  const flat = joinBytes(commitments.flat());
  return Array.from({ length: witnessCount }, (_, w) => packMdu(flat.subarray(w * MDU_PAYLOAD_BYTES, (w + 1) * MDU_PAYLOAD_BYTES)));
}

/** Commitments of MDU 0's or a witness MDU's 64 blobs. */
export function metadataCommitments(prover: KzgProver, mdu: Uint8Array): Promise<Uint8Array[]> {
  return prover.commitMany(blobsOf(mdu));
}

export async function mduRoot(prover: KzgProver, mdu: Uint8Array): Promise<Uint8Array> {
  return merkleRoot(await metadataCommitments(prover, mdu));
}

function progressReporter(onProgress: SlabOptions["onProgress"], totalBytes: number): (phase: EncodeProgress["phase"], doneBytes: number) => void {
  return (phase, doneBytes) => onProgress?.({ phase, doneBytes: Math.floor(doneBytes), totalBytes });
}

/** Rows of one slot's shard in order: the blobs at leaves slot·rows … slot·rows + rows − 1. */
export function shardLeaves(profile: Profile, slot: number): number[] {
  return Array.from({ length: rowsOf(profile) }, (_, row) => slot * rowsOf(profile) + row);
}
