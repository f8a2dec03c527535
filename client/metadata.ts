import { sha256 } from "@noble/hashes/sha2.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { BLOBS_PER_MDU, equalBytes, NilfsError, parseSlabMetadata, type SlabMetadata } from "nild/nilfs";
import { ClientError } from "./errors.js";
import { profileOf, slotFailure, type ReadContext, type SlotHolder } from "./volume.js";
import type { Liar, SlotFailure } from "./types.js";

/** Who answered wrongly or not at all while a read went on. */
export interface Blame {
  readonly liars: Liar[];
  readonly missing: SlotFailure[];
}

/**
 * The deal's metadata from the first holder whose copy is what the chain committed to.
 * @throws ClientError `no_metadata` when no holder has it; `blame` then names all of them.
 */
export async function fetchMetadata(context: ReadContext, volume: Volume, holders: readonly SlotHolder[], blame: Blame): Promise<SlabMetadata> {
  const commit = {
    profile: profileOf(volume),
    manifestRoot: volume.manifestRoot,
    mdu0Hash: volume.mdu0Hash,
    totalMdus: Number(volume.totalMdus),
    witnessMdus: Number(volume.witnessMdus),
  };
  return fromFirst(holders, volume, blame, async ({ http }) => {
    const read = (artifact: Parameters<typeof http.readArtifact>[2], blobs: number): Promise<Uint8Array> =>
      http.readArtifact(volume.dealId, volume.generation, artifact, blobs);
    const mdu0 = await read({ kind: "mdu", mduIndex: 0 }, BLOBS_PER_MDU);
    const witness: Uint8Array[] = [];
    for (let i = 1; i <= commit.witnessMdus; i++) witness.push(await read({ kind: "mdu", mduIndex: i }, BLOBS_PER_MDU));
    const manifest = await read({ kind: "manifest" }, 1);
    const { prover } = await context.kzg();
    return parseSlabMetadata(prover, commit, { mdu0, witness, manifest });
  });
}

/** MDU 0 alone, bound by its hash: enough to list files. @throws as `fetchMetadata`. */
export async function fetchMdu0(volume: Volume, holders: readonly SlotHolder[], blame: Blame): Promise<Uint8Array> {
  return fromFirst(holders, volume, blame, async ({ http }) => {
    const mdu0 = await http.readArtifact(volume.dealId, volume.generation, { kind: "mdu", mduIndex: 0 }, BLOBS_PER_MDU);
    if (!equalBytes(sha256(mdu0), volume.mdu0Hash)) throw new NilfsError("metadata_mismatch", "mdu_0.bin: its SHA-256 is not the chain's mdu0_hash");
    return mdu0;
  });
}

async function fromFirst<T>(holders: readonly SlotHolder[], volume: Volume, blame: Blame, read: (holder: SlotHolder) => Promise<T>): Promise<T> {
  // ACTIVE slots have acked this content; others may be behind.
  for (const holder of [...holders.filter(({ active }) => active), ...holders.filter(({ active }) => !active)]) {
    try {
      return await read(holder);
    } catch (error) {
      const { slot, provider } = holder;
      if (error instanceof NilfsError) blame.liars.push({ provider, slot, reason: "bad_metadata", detail: error.message });
      else blame.missing.push(slotFailure(slot, provider, error));
    }
  }
  throw new ClientError("no_metadata", `no provider of deal ${volume.dealId} has the metadata of generation ${volume.generation}`, "see which slots failed; try again when one is back");
}
