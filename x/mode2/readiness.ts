import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { MsgProveReadiness } from "nild/gen/nil/mode2/v1/tx_pb.js";
import type { Slot, Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { OpeningsProof } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { METADATA_LEAVES, type Position, challengeZ, drawPositions, equalBytes, leavesOf, metadataPosition, openingCount, openingsCheck, repairSeed } from "nild/nilfs";
import { type ExecCtx, GAS, type ReadCtx, addressFromString } from "nild/sdk";
import { getVolume } from "./lifecycle.js";
import { dropCandidate, promote } from "./repair.js";
import type { Mode2Env } from "./state.js";
import { hasCandidate, profileOf, shapeOf, slotBytes, slotName } from "./volume.js";

/** Payload positions that a candidate opens; one of metadata comes on top. */
const READINESS_POSITIONS = 8;
export const MAX_READINESS_BLOBS = READINESS_POSITIONS + 1;

/** What a candidate must open, and where. */
export interface ReadinessTask {
  readonly epoch: bigint;
  readonly generation: bigint;
  readonly z: Uint8Array;
  /** min(pool, 8) payload positions drawn for the candidate, then one of metadata. */
  readonly positions: readonly Position[];
}

export function readinessTask(volume: Volume, slot: Slot, epoch: Epoch): ReadinessTask {
  const prover = addressFromString(slot.candidate);
  const seed = { beacon: epoch.beacon, dealId: volume.dealId, generation: slot.repairGeneration, slot: slot.slot, prover, ...shapeOf(volume) };
  return {
    epoch: epoch.number,
    generation: slot.repairGeneration,
    z: challengeZ(repairSeed(epoch.beacon, volume.dealId, slot.slot), prover),
    positions: [...drawPositions({ ...seed, count: READINESS_POSITIONS }), metadataPosition(seed)],
  };
}

/**
 * Every input is compared with state first: a difference is an ordinary error and changes nothing. Inputs equal and an
 * equation false: returns false, and the candidate is dropped. O(slots); 1,000,000 gas per opened blob and manifest hop.
 * @throws mode2/2, mode2/9, mode2/16 to mode2/25
 */
export function proveReadiness(env: Mode2Env, ctx: ExecCtx, msg: MsgProveReadiness): boolean {
  const { err, deps } = env;
  const volume = getVolume(env, ctx, msg.dealId);
  const slot = candidacy(env, ctx, volume, msg);
  const epoch = currentOrLast(env, ctx, msg.epoch);
  const proof = msg.proof!;
  compare(env, volume, readinessTask(volume, slot, epoch), slotName(volume, slot.slot), proof);
  if (slot.candidate === slot.provider && !deps.provider.canHold(ctx, slot.provider, slotBytes(volume) - slot.heldBytes)) {
    throw err.NoCapacity(`${slotName(volume, slot.slot)}: ${slot.provider} lacks capacity or bond for ${slotBytes(volume)} bytes: raise them first`);
  }
  ctx.gas.consume(GAS.kzgOpening * BigInt(openingCount(proof)), "KzgOpenings");
  const valid = ctx.verified(openingsCheck(proof));
  if (valid) promote(env, ctx, volume, slot);
  else dropCandidate(env, ctx, volume, slot);
  return valid;
}

/** The slot, if the sender is its candidate at this height. */
function candidacy({ err, deps }: Mode2Env, ctx: ReadCtx, volume: Volume, msg: MsgProveReadiness): Slot {
  const slot = volume.slots[msg.slot];
  if (ctx.height > volume.endHeight) throw err.Ended(`deal ${volume.dealId} ended at height ${volume.endHeight}`);
  if (!slot || !hasCandidate(slot) || slot.candidate !== msg.provider) throw err.NotCandidate(`${msg.provider} is not the candidate of ${slotName(volume, msg.slot)}`);
  if (deps.provider.get(ctx, msg.provider).status !== Status.ACTIVE) throw err.NotCandidate(`${msg.provider} is not ACTIVE: it can take no slot`);
  if (ctx.height > slot.repairDeadlineHeight) throw err.CandidacyOver(`${slotName(volume, msg.slot)}: the candidacy ended at height ${slot.repairDeadlineHeight}`);
  if (msg.generation !== slot.repairGeneration) {
    throw err.WrongGeneration(`${slotName(volume, msg.slot)}: generation ${slot.repairGeneration} is to be proved, not ${msg.generation}`);
  }
  return slot;
}

function currentOrLast({ err, deps }: Mode2Env, ctx: ReadCtx, number: bigint): Epoch {
  const current = deps.epoch.current(ctx);
  const isRecent = number === current.number || number + 1n === current.number;
  const epoch = isRecent ? deps.epoch.find(ctx, number) : undefined;
  if (!epoch) throw err.WrongEpoch(`epoch ${number}: expected the current one, ${current.number}, or the one before`);
  return epoch;
}

function compare({ err }: Mode2Env, volume: Volume, task: ReadinessTask, name: string, proof: OpeningsProof): undefined {
  if (!equalBytes(proof.z, task.z)) throw err.WrongZ(`${name}: proof.z is not the candidate's point in epoch ${task.epoch}`);
  const group = proof.groups[0]!;
  if (!equalBytes(group.manifestRoot, volume.manifestRoot)) throw err.WrongRoot(`${name}: not the root of generation ${task.generation}`);
  if (group.blobs.length !== task.positions.length) throw err.WrongPositions(`${name}: ${group.blobs.length} blobs, expected ${task.positions.length}`);
  for (const [i, blob] of group.blobs.entries()) {
    const position = task.positions[i]!;
    if (blob.mduIndex !== position.mduIndex || blob.leafIndex !== position.leafIndex) {
      throw err.WrongPositions(`${name}, blob ${i}: (${blob.mduIndex}, ${blob.leafIndex}), expected (${position.mduIndex}, ${position.leafIndex})`);
    }
    const leafCount = BigInt(position.mduIndex) <= volume.witnessMdus ? METADATA_LEAVES : leavesOf(profileOf(volume));
    if (blob.leafCount !== leafCount) throw err.WrongLeafCount(`${name}, blob ${i}: leaf_count ${blob.leafCount}, expected ${leafCount}`);
  }
}
