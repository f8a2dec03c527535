import { concatBytes } from "@noble/hashes/utils.js";
import { create } from "@bufbuild/protobuf";
import { EventContentCommittedSchema } from "nild/gen/nil/mode2/v1/events_pb.js";
import { RepairCause, type Slot, SlotStatus, SnapshotSchema, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { MDU_PAYLOAD_BYTES, ackDigest, equalBytes } from "nild/nilfs";
import { type Check, type ExecCtx, type ReadCtx, quoUp } from "nild/sdk";
import type { Content, ContentCommit } from "./api.js";
import { getVolume } from "./lifecycle.js";
import { beginRepairing } from "./repair.js";
import { enqueue, setDeadline } from "./repair_queue.js";
import type { Mode2Env } from "./state.js";
import { countSlots, profileOf, slotBytes, slotName } from "./volume.js";

/** One ed25519 verification in pure code. */
const ACK_GAS = 1_000_000n;

/**
 * Makes acked content the volume's. Everything is compared with state before a signature is verified, and nothing is
 * written before all acks hold. O(slots) reads and at most one signature check per slot.
 * @throws mode2/8 to mode2/15
 */
export function commitContent(env: Mode2Env, ctx: ExecCtx, commit: ContentCommit): { readonly generation: bigint; readonly noop: boolean } {
  const { state, err, deps } = env;
  const volume = getVolume(env, ctx, commit.dealId);
  if (isReplay(volume, commit)) return { generation: volume.generation, noop: true };
  checkAgainst(env, ctx, volume, commit);
  const acked = ackedSlots(env, ctx, volume, commit);

  const { k } = profileOf(volume);
  if (acked.size < k + 1) {
    throw err.TooFewAcks(`deal ${commit.dealId}: ${acked.size} slots acked with capacity and bond, at least K+1 = ${k + 1} are needed`);
  }
  const isFirst = volume.generation === 0n;
  const epoch = deps.epoch.current(ctx).number;
  const unacked = volume.slots.filter((slot) => slot.status === SlotStatus.ACTIVE && !acked.has(slot.slot));
  for (const slot of unacked) beginRepairing(env, ctx, volume, slot, RepairCause.UNACKED, true);
  if (isFirst) volume.firstCommitEpoch = epoch;
  else saveSnapshot(volume, epoch);

  volume.generation += 1n;
  volume.manifestRoot = commit.manifestRoot;
  volume.sizeBytes = commit.sizeBytes;
  volume.totalMdus = commit.totalMdus;
  volume.mdu0Hash = commit.mdu0Hash;
  const bytes = slotBytes(volume);
  for (const slot of volume.slots) {
    if (!acked.has(slot.slot)) continue;
    deps.provider.resize(ctx, slot.provider, slot.heldBytes, bytes);
    slot.heldBytes = bytes;
    if (isFirst) slot.challengedFromEpoch = epoch + 1n;
  }
  for (const slot of unacked) awaitOwnProof(env, ctx, volume, slot);
  state.volumes.set(ctx, commit.dealId, volume);

  // The listeners read the new content, so they hear of first content once it is written.
  if (isFirst) for (const slot of volume.slots) if (acked.has(slot.slot)) fireFirstContent(env, ctx, volume, slot);
  const { dealId, manifestRoot, sizeBytes, totalMdus } = commit;
  ctx.emit(EventContentCommittedSchema, { dealId, generation: volume.generation, manifestRoot, sizeBytes, totalMdus });
  return { generation: volume.generation, noop: false };
}

function isReplay(volume: Volume, commit: ContentCommit): boolean {
  return volume.generation > 0n && volume.generation === commit.expectedGeneration + 1n && sameRoot(volume, commit) && sameNumbers(volume, commit);
}

function sameRoot(volume: Volume, commit: ContentCommit): boolean {
  return equalBytes(volume.manifestRoot, commit.manifestRoot);
}

function sameNumbers(volume: Volume, commit: ContentCommit): boolean {
  return volume.sizeBytes === commit.sizeBytes && volume.totalMdus === commit.totalMdus && equalBytes(volume.mdu0Hash, commit.mdu0Hash);
}

function checkAgainst({ err }: Mode2Env, ctx: ReadCtx, volume: Volume, commit: ContentCommit): undefined {
  const { dealId, expectedGeneration, sizeBytes, totalMdus } = commit;
  if (volume.slots.length === 0) throw err.NotPlaced(`deal ${dealId}: its slots are not placed yet`);
  if (ctx.height > volume.endHeight) throw err.Ended(`deal ${dealId} ended at height ${volume.endHeight}`);
  if (volume.generation > 0n && sameRoot(volume, commit)) {
    throw err.SameRoot(`deal ${dealId}: this root is generation ${volume.generation} already${sameNumbers(volume, commit) ? "" : ", with other numbers"}`);
  }
  if (expectedGeneration !== volume.generation) {
    throw err.StaleGeneration(`deal ${dealId} is at generation ${volume.generation}, not ${expectedGeneration}: fetch it and build on that`);
  }
  if (sizeBytes === 0n) throw err.BadSize(`deal ${dealId}: size_bytes is 0`);
  const userMdus = quoUp(sizeBytes, BigInt(MDU_PAYLOAD_BYTES));
  if (userMdus > volume.maxUserMdus) {
    throw err.BadSize(`deal ${dealId}: ${sizeBytes} bytes need ${userMdus} user MDUs, ${volume.maxUserMdus} are reserved`);
  }
  const expected = 1n + volume.witnessMdus + userMdus;
  if (totalMdus !== expected) throw err.BadSize(`deal ${dealId}: total_mdus ${totalMdus}, expected 1 + ${volume.witnessMdus} + ${userMdus} = ${expected}`);
  // Appends during a repair need the append proof; without it a candidate could never catch up with its deal.
  const repairing = countSlots(volume, SlotStatus.REPAIRING);
  if (repairing > 0) throw err.SlotsRepairing(`deal ${dealId}: ${repairing} slots are REPAIRING: commit again once they are ACTIVE`);
}

/** The slots whose provider acked and can hold the new size. A false ack fails the commit. */
function ackedSlots({ err, deps }: Mode2Env, ctx: ExecCtx, volume: Volume, commit: ContentCommit): ReadonlySet<number> {
  const newVolume = { ...volume, generation: volume.generation + 1n, totalMdus: commit.totalMdus };
  const bytes = slotBytes(newVolume);
  const acked = new Set<number>();
  let previous = -1;
  for (const { slot: index, signature } of commit.acks) {
    const slot = volume.slots[index];
    if (!slot) throw err.BadAck(`deal ${volume.dealId} has no slot ${index}: it has ${volume.slots.length}`);
    if (index <= previous) throw err.BadAck(`ack of ${slotName(volume, index)} is given twice or out of order`);
    previous = index;
    if (slot.status !== SlotStatus.ACTIVE) throw err.BadAck(`${slotName(volume, index)} is not ACTIVE: nobody can ack for it`);
    ctx.gas.consume(ACK_GAS, "AckSignature");
    if (!ctx.verified(ackCheck(ctx, volume, commit, index, deps.provider.get(ctx, slot.provider).responseKey, signature))) {
      throw err.BadAck(`ack of ${slotName(volume, index)} is not the signature of ${slot.provider} over this content`);
    }
    if (deps.provider.canHold(ctx, slot.provider, bytes - slot.heldBytes)) acked.add(index);
  }
  return acked;
}

/** input = response key[32] ‖ signature[64] ‖ ackDigest[32]. */
function ackCheck(ctx: ReadCtx, volume: Volume, commit: ContentCommit, slot: number, key: Uint8Array, signature: Uint8Array): Check {
  const { dealId, expectedGeneration, manifestRoot, sizeBytes, totalMdus, mdu0Hash } = commit;
  const generation = expectedGeneration + 1n;
  const digest = ackDigest({ chainId: ctx.chainId, dealId, generation, slot, manifestRoot, sizeBytes, totalMdus, witnessMdus: volume.witnessMdus, mdu0Hash });
  return { kind: "sig.ed25519", input: concatBytes(key, signature, digest) };
}

/** An epoch's first commit keeps what the epoch began with. */
function saveSnapshot(volume: Volume, epoch: bigint): undefined {
  if (volume.snapshot?.epoch === epoch) return;
  const { generation, manifestRoot, totalMdus, sizeBytes } = volume;
  volume.snapshot = create(SnapshotSchema, { epoch, generation, manifestRoot, totalMdus, sizeBytes });
}

/** What the volume held when `epoch` began. O(1). */
export function contentAt({ state }: Mode2Env, ctx: ReadCtx, dealId: bigint, epoch: bigint): Content | undefined {
  const volume = state.volumes.find(ctx, dealId);
  if (!volume || volume.generation === 0n || epoch <= volume.firstCommitEpoch) return undefined;
  const { snapshot } = volume;
  if (snapshot && snapshot.epoch > epoch) return undefined;
  const { generation, manifestRoot, totalMdus, sizeBytes } = snapshot?.epoch === epoch ? snapshot : volume;
  return { generation, manifestRoot, totalMdus, sizeBytes };
}

/** The slot's own provider may prove the new content before anyone else is asked. The caller writes the volume. */
function awaitOwnProof(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  slot.repairGeneration = volume.generation;
  if (env.deps.provider.get(ctx, slot.provider).status !== Status.ACTIVE) return enqueue(env, ctx, volume, slot);
  slot.candidate = slot.provider;
  slot.repairTries = 1;
  setDeadline(env, ctx, volume, slot);
}

function fireFirstContent({ deps }: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  const holder = { provider: slot.provider, status: slot.status };
  deps.slotChanging.fire(ctx, { dealId: volume.dealId, slot: slot.slot, before: holder, after: holder, hasContent: true });
}
