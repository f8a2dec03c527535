import { ed25519 } from "@noble/curves/ed25519.js";
import { MsgCommitContentResponseSchema, MsgCommitContentSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import { SlotStatus, type Slot, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { ackDigest, encodeSlab, type Slab } from "nild/nilfs";
import { responseOf } from "./chain.js";
import { ClientError } from "./errors.js";
import { openDeal } from "./open_deal.js";
import { msg } from "./tx.js";
import { uploadSlab, type SlotUpload } from "./upload.js";
import { eachBounded, profileOf, slotFailure, slotHolders } from "./volume.js";
import type { ClientContext, PutOptions, PutResult, SlotFailure } from "./types.js";

/** Providers that verify at once: each takes a core for a moment. */
const ACKS_AT_ONCE = 4;

/**
 * Stores files as a deal's content: encodes, uploads to every slot's provider, collects their acks and commits. Run again
 * after an interruption, it sends only what the providers do not have yet.
 * @throws ClientError `placement_failed`, `deal_has_content`, `too_few_acks`, …; NilfsError for files that fit no slab; ChainError.
 */
export async function put(context: ClientContext, options: PutOptions): Promise<PutResult> {
  if (options.files.length === 0) throw new ClientError("bad_file", "no file to put", "name at least one file");
  const volume = await openDeal(context, options);
  if (volume.generation > 0n && options.replace !== true) {
    throw new ClientError("deal_has_content", `deal ${volume.dealId} already holds generation ${volume.generation}`, "open a new deal, or say that its content is to be replaced");
  }
  const started = performance.now();
  const slab = await encode(context, volume, options);
  const encodeMs = performance.now() - started;

  const generation = volume.generation + 1n;
  const { holders, unusable } = await slotHolders(context, volume, uploadTarget);
  const uploads = await uploadSlab(context, { dealId: volume.dealId, generation, slab, holders, ...pick(options) });
  const acks = await collectAcks(context, volume, generation, slab, uploads, options);
  const failed = [...unusable, ...uploads.flatMap(({ failure }) => failure ?? [])].sort((a, b) => a.slot - b.slot);
  const needed = slab.profile.k + 1;
  if (acks.length < needed) {
    const names = failed.map(({ slot, code }) => `slot ${slot} ${code}`).join(", ");
    throw new ClientError("too_few_acks", `${acks.length} of the ${needed} acks that a commit needs (${names})`, `run it again with --deal ${volume.dealId} when the providers are back`);
  }
  options.onProgress?.({ phase: "commit", done: 0, total: 1 });
  const result = await context.chain.signAndBroadcast(context.wallet, [
    msg(MsgCommitContentSchema, {
      signer: context.wallet.address,
      dealId: volume.dealId,
      expectedGeneration: volume.generation,
      manifestRoot: slab.manifestRoot,
      sizeBytes: BigInt(slab.sizeBytes),
      totalMdus: BigInt(slab.totalMdus),
      mdu0Hash: slab.mdu0Hash,
      acks,
    }),
  ]);
  options.onProgress?.({ phase: "commit", done: 1, total: 1 });
  const response = responseOf(result, 0, MsgCommitContentResponseSchema);
  return {
    dealId: volume.dealId,
    generation: response.generation,
    manifestRoot: slab.manifestRoot,
    sizeBytes: slab.sizeBytes,
    totalMdus: slab.totalMdus,
    ackedSlots: acks.map(({ slot }) => slot),
    failed,
    charged: BigInt(response.charged === "" ? "0" : response.charged),
    txHash: result.hash,
    encodeMs,
    skippedBytes: uploads.reduce((sum, { skippedBytes }) => sum + skippedBytes, 0),
  };
}

async function encode(context: ClientContext, volume: Volume, options: PutOptions): Promise<Slab> {
  const { prover } = await context.kzg();
  return encodeSlab({
    files: options.files,
    profile: profileOf(volume),
    // Fixes the witness region, and with it where user MDUs begin.
    maxUserMdus: Number(volume.maxUserMdus),
    prover,
    onProgress: ({ doneBytes, totalBytes }) => options.onProgress?.({ phase: "encode", done: doneBytes, total: totalBytes }),
  });
}

/** A repairing slot's bytes go to who is to take it over. */
function uploadTarget(slot: Slot): string {
  return slot.status === SlotStatus.REPAIRING && slot.candidate !== "" ? slot.candidate : slot.provider;
}

async function collectAcks(
  context: ClientContext,
  volume: Volume,
  generation: bigint,
  slab: Slab,
  uploads: readonly SlotUpload[],
  options: PutOptions,
): Promise<{ slot: number; signature: Uint8Array }[]> {
  const chainId = await context.chain.chainId();
  const acks: { slot: number; signature: Uint8Array }[] = [];
  const sent = uploads.filter(({ failure }) => failure === undefined);
  await eachBounded(sent, ACKS_AT_ONCE, async (upload) => {
    const { holder, ticket } = upload;
    try {
      const { slot, signature } = await holder.http.acknowledge(volume.dealId, generation, slab, ticket);
      const digest = ackDigest({ ...slab, chainId, dealId: volume.dealId, generation, slot: holder.slot });
      if (slot !== holder.slot || !ed25519.verify(signature, digest, holder.responseKey, { zip215: false })) {
        throw new ClientError("bad_response", "its ack is not its response key's signature over this commit", "the provider runs with another key than it registered");
      }
      acks.push({ slot, signature });
      options.onProgress?.({ phase: "ack", done: acks.length, total: sent.length });
    } catch (error) {
      upload.failure = failureOf(upload, error);
    }
  });
  return acks.sort((a, b) => a.slot - b.slot);
}

function failureOf({ holder }: SlotUpload, error: unknown): SlotFailure {
  return slotFailure(holder.slot, holder.provider, error);
}

function pick({ onProgress }: PutOptions): Pick<PutOptions, "onProgress"> {
  return onProgress === undefined ? {} : { onProgress };
}
