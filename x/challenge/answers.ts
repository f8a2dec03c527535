import { type ExecCtx, GAS, type ReadCtx, addressFromString, amount, mulDivDown } from "nild/sdk";
import { challengeZ, equalBytes, openingCount, openingsCheck } from "nild/nilfs";
import { EventProofsVerifiedSchema } from "nild/gen/nil/challenge/v1/events_pb.js";
import type { MsgProveSlots, SlotClaim } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { type SlotRecord, Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { OpeningGroup } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import type { Content } from "./api.js";
import { demandOf, leafCountOf } from "./demand.js";
import { FULL_BPS } from "./params.js";
import type { ChallengeEnv } from "./records.js";
import { lateFrom } from "./schedule.js";

/**
 * One answer for many slots. Every input is compared with state first: a difference is an ordinary error and changes
 * nothing. Inputs equal and an equation false: returns false, each slot's answer is WRONG and its provider is slashed
 * once for it. O(slots · quota); 1,000,000 gas per opened blob and per manifest hop.
 */
export function proveSlots(env: ChallengeEnv, ctx: ExecCtx, msg: MsgProveSlots): boolean {
  const { state, err, deps } = env;
  const epoch = deps.epoch.current(ctx);
  if (msg.epoch < epoch.number) throw err.EpochOver(`epoch ${msg.epoch} is over: ${epoch.number} runs`);
  if (msg.epoch > epoch.number) throw err.EpochNotStarted(`epoch ${msg.epoch} has not started: ${epoch.number} runs`);
  const proof = msg.proof!;
  if (!equalBytes(proof.z, challengeZ(epoch.beacon, addressFromString(msg.provider)))) {
    throw err.WrongZ(`proof.z is not the point of provider ${msg.provider} in epoch ${epoch.number}`);
  }
  // Before the positions are drawn: that work too is paid for.
  ctx.gas.consume(GAS.kzgOpening * BigInt(openingCount(proof)), "KzgOpenings");
  const records = msg.slots.map((claim, i) => checkClaim(env, ctx, msg.provider, epoch, claim, proof.groups[i]!));
  const valid = ctx.verified(openingsCheck(proof));

  const openings = proof.groups.reduce((sum, { blobs }) => sum + blobs.length, 0);
  const answer = !valid ? Verdict.WRONG : ctx.height < lateFrom(epoch) ? Verdict.ON_TIME : Verdict.LATE;
  records.forEach((record, i) => {
    const verified = valid ? proof.groups[i]!.blobs.length : 0;
    const answered = { ...record, answer, proofsVerified: record.proofsVerified + BigInt(verified) };
    state.records.set(ctx, [record.dealId, record.slot], answered);
  });
  // After all answers are on record: a slash may jail the provider and take slots off the clock.
  if (!valid) for (const record of records) slash(env, ctx, record);
  if (valid) state.proofsVerified.set(ctx, state.proofsVerified.get(ctx) + BigInt(openings));
  ctx.emit(EventProofsVerifiedSchema, { provider: msg.provider, epoch: epoch.number, slots: records.length, openings, valid });
  return valid;
}

interface Due {
  readonly volume: Volume;
  readonly content: Content;
}

/** What a record's slot must answer for in this epoch; throws the reason why it need not. */
export function dueOf({ deps, err }: ChallengeEnv, ctx: ReadCtx, record: SlotRecord, epoch: Epoch): Due {
  const { dealId, slot, dueEpoch, answer } = record;
  const name = `slot ${slot} of deal ${dealId}`;
  if (dueEpoch !== epoch.number) throw err.NotDue(`${name} is due in epoch ${dueEpoch}, not ${epoch.number}`);
  if (answer !== Verdict.UNSPECIFIED) throw err.AlreadyAnswered(`${name} has answered in epoch ${epoch.number}`);
  const volume = deps.mode2.find(ctx, dealId);
  if (!volume || ctx.height > volume.endHeight) throw err.DealEnded(`deal ${dealId} has ended`);
  const content = deps.mode2.contentAt(ctx, dealId, epoch.number);
  const from = volume.slots[slot]?.challengedFromEpoch;
  if (!content || from === undefined || from > epoch.number) throw err.NotDue(`${name} held nothing when epoch ${epoch.number} began`);
  return { volume, content };
}

/** Compares one claim and its blobs with state; the slot's record. O(quota). */
function checkClaim(env: ChallengeEnv, ctx: ExecCtx, provider: string, epoch: Epoch, claim: SlotClaim, group: OpeningGroup): SlotRecord {
  const { state, err } = env;
  const { dealId, slot } = claim;
  const name = `slot ${slot} of deal ${dealId}`;
  const record = state.records.find(ctx, [dealId, slot]);
  if (!record) throw err.NotFound(`${name} is not challenged`);
  if (record.provider !== provider) throw err.WrongProvider(`${name} is held by ${record.provider}`);
  const { volume, content } = dueOf(env, ctx, record, epoch);
  if (claim.generation !== content.generation) {
    throw err.WrongGeneration(`${name}: generation ${content.generation} is challenged, not ${claim.generation}`);
  }
  if (!equalBytes(group.manifestRoot, content.manifestRoot)) throw err.WrongRoot(`${name}: not the root of generation ${content.generation}`);

  const { positions, needed } = demandOf(state.params.get(ctx), { beacon: epoch.beacon, volume, slot, content, credits: creditsOf(record, epoch) });
  const quota = positions.length - 1;
  const payload = group.blobs.length - 1;
  if (payload < needed || payload > quota) {
    throw err.WrongPositions(`${name}: ${payload} blobs and the metadata blob, expected ${needed} to ${quota} and it`);
  }
  group.blobs.forEach((blob, i) => {
    const position = positions[i < payload ? i : quota]!;
    if (blob.mduIndex !== position.mduIndex || blob.leafIndex !== position.leafIndex) {
      throw err.WrongPositions(`${name}, blob ${i}: (${blob.mduIndex}, ${blob.leafIndex}), expected (${position.mduIndex}, ${position.leafIndex})`);
    }
    const leafCount = leafCountOf(volume, position);
    if (blob.leafCount !== leafCount) throw err.WrongLeafCount(`${name}, blob ${i}: leaf_count ${blob.leafCount}, expected ${leafCount}`);
  });
  return record;
}

export function creditsOf(record: SlotRecord, epoch: Epoch): number {
  return record.creditEpoch === epoch.number ? record.credits : 0;
}

/** One slash per (slot, due epoch): the answer is on record from now on and no second one is taken. */
function slash({ state, deps }: ChallengeEnv, ctx: ExecCtx, { provider, dealId, slot, dueEpoch }: SlotRecord): void {
  const bond = amount(deps.provider.get(ctx, provider).bond);
  const share = mulDivDown(bond, BigInt(state.params.get(ctx).slashWrongBps), BigInt(FULL_BPS));
  if (share > 0n) deps.provider.slash(ctx, provider, share, `wrong proof: deal ${dealId}, slot ${slot}, epoch ${dueEpoch}`);
}
