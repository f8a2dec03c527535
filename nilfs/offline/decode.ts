import { open } from "node:fs/promises";
import { join } from "node:path";
import { shardArtifactName } from "../artifacts.js";
import { NilfsError } from "../errors.js";
import { verifyLeaves, verifyShard } from "../metadata.js";
import { findFile, listFiles } from "../mdu0.js";
import { shardBytes, slotOfLeaf, slotsOf } from "../profile.js";
import { blobsOfShard, streamFile } from "../read.js";
import { shardLeaves } from "../slab.js";
import type { KzgProver, SlabMetadata } from "../types.js";
import { onDisk, readIfSized, writeStaged } from "./disk.js";
import { readSlabFolder } from "./folder.js";

export interface DecodeReport {
  readonly path: string;
  readonly bytes: number;
  /** Artifacts that were read and are not what the slab committed to. */
  readonly damaged: string[];
}

/**
 * Writes a file of an encoded folder to `out`, from any K good shards of each MDU; every shard used is verified.
 * `path` may be left out when the slab holds one file.
 * @throws NilfsError `not_enough_shards`, `file_not_found`, `io`, and as `parseSlabMetadata`.
 */
export async function decode(prover: KzgProver, folder: string, out: string, path?: string): Promise<DecodeReport> {
  const slab = await readSlabFolder(prover, folder);
  const name = path ?? onlyFile(slab);
  const bytes = findFile(slab.mdu0, name).length;
  const damaged: string[] = [];

  // The stream goes through the MDUs in order and asks for several blobs at once: hold one MDU's shards, as a promise.
  let current: { mduIndex: number; shards: Promise<ReadonlyMap<number, readonly Uint8Array[]>> } | undefined;
  const getBlob = async (mduIndex: number, leafIndex: number): Promise<Uint8Array | undefined> => {
    if (current?.mduIndex !== mduIndex) current = { mduIndex, shards: goodShards(prover, slab, folder, mduIndex, damaged) };
    const { slot, row } = slotOfLeaf(slab.profile, leafIndex);
    return (await current.shards).get(slot)?.[row];
  };
  await writeStaged(out, async (staging) => {
    const file = await onDisk(out, () => open(staging, "wx"));
    try {
      for await (const chunk of streamFile(slab, name, getBlob)) await onDisk(out, () => file.writeFile(chunk));
    } finally {
      await file.close();
    }
  });
  return { path: name, bytes, damaged };
}

/** Blobs by slot and row of K verified shards of one MDU, or fewer when there are not K; notes damaged ones. */
async function goodShards(prover: KzgProver, slab: SlabMetadata, folder: string, mduIndex: number, damaged: string[]): Promise<Map<number, Uint8Array[]>> {
  const { k } = slab.profile;
  const userMdu = mduIndex - 1 - slab.witnessMdus;
  const good = new Map<number, Uint8Array[]>();
  const slots = Array.from({ length: slotsOf(slab.profile) }, (_, slot) => slot);
  while (good.size < k && slots.length > 0) {
    const read = new Map<number, Uint8Array>();
    for (const slot of slots.splice(0, k - good.size)) {
      const shard = await readIfSized(join(folder, shardArtifactName(mduIndex, slot)), shardBytes(slab.profile));
      if (shard !== undefined) read.set(slot, shard);
    }
    // All at once first, since that costs as much as one; only when something is wrong one by one.
    const leaves = [...read.keys()].flatMap((slot) => shardLeaves(slab.profile, slot));
    const allGood = read.size > 0 && (await verifyLeaves(prover, slab, userMdu, leaves, [...read.values()].flatMap((shard) => blobsOfShard(slab.profile, shard))));
    for (const [slot, shard] of read) {
      if (allGood || (await verifyShard(prover, slab, userMdu, slot, shard))) good.set(slot, blobsOfShard(slab.profile, shard));
      else damaged.push(shardArtifactName(mduIndex, slot));
    }
  }
  return good;
}

function onlyFile(slab: SlabMetadata): string {
  const files = listFiles(slab.mdu0);
  if (files.length !== 1) throw new NilfsError("file_not_found", `the slab holds ${files.length} files: say which one`);
  return files[0]!.path;
}
