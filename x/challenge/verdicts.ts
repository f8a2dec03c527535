import type { ExecCtx } from "nild/sdk";
import { EventVerdictFailedSchema, EventVerdictSchema } from "nild/gen/nil/challenge/v1/events_pb.js";
import { type Load, LoadSchema, type Params, type SlotRecord, Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import { RepairCause, SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { create } from "@bufbuild/protobuf";
import { quotaOf } from "./demand.js";
import { MAX_HEALTH } from "./params.js";
import { type ChallengeEnv, isRight, retire } from "./records.js";
import { nextDue, periodOf } from "./schedule.js";
import type { RecordKey } from "./state.js";

/**
 * Gives the verdicts of the epochs that are over, at most max_due_per_block of them, each in its own branch. One that
 * fails is put off to the next epoch, so that it neither stops the queue nor is lost.
 */
export function sweep(env: ChallengeEnv, ctx: ExecCtx): void {
  const { state, deps } = env;
  const epoch = deps.epoch.current(ctx);
  if (epoch.number === 0n) return;
  const limit = state.params.get(ctx).maxDuePerBlock;
  for (const key of state.records.by.byDue.scan(ctx, { endInclusive: epoch.number - 1n, limit })) {
    const outcome = ctx.isolated((branch) => giveVerdict(env, branch, key, epoch));
    if (!outcome.ok) putOff(env, ctx, key, epoch, outcome.error);
  }
}

/** Settles rent, changes health, and re-arms the slot or has it repaired. O(1). */
function giveVerdict(env: ChallengeEnv, ctx: ExecCtx, key: RecordKey, epoch: Epoch): void {
  const { state, deps } = env;
  const record = state.records.get(ctx, key);
  const { dealId, slot, provider } = record;
  const volume = deps.mode2.find(ctx, dealId);
  // The end settles what the broken rest of the last epoch has brought: nobody is blamed for it.
  if (!volume || ctx.height > volume.endHeight) return retire(env, ctx, record);

  const params = state.params.get(ctx);
  const verdict = record.answer === Verdict.UNSPECIFIED ? Verdict.MISSING : record.answer;
  const settled = deps.escrow.settleSlot(ctx, dealId, slot, isRight(verdict) ? provider : undefined);
  const health = healthAfter(params, record.health, verdict);
  rearm(env, ctx, { ...record, health }, volume, epoch);
  ctx.emit(EventVerdictSchema, { dealId, slot, provider, epoch: record.dueEpoch, verdict, health, paid: isRight(verdict) ? `${settled}` : "0" });

  deps.provider.recordVerdict(ctx, provider, { onTime: isRight(verdict), slotHealth: health });
  if (health >= params.repairBelowHealth) return;
  // It may have been taken from its provider by now, who has just been jailed.
  if (deps.mode2.find(ctx, dealId)?.slots[slot]?.status !== SlotStatus.ACTIVE) return;
  deps.mode2.startRepair(ctx, dealId, slot, RepairCause.EVICTED);
}

function rearm({ state }: ChallengeEnv, ctx: ExecCtx, record: SlotRecord, volume: Volume, epoch: Epoch): void {
  const params = state.params.get(ctx);
  const quota = quotaOf(params, volume, record.slot, volume);
  const load = state.load.get(ctx);
  const changed: Load = create(LoadSchema, { quotaSum: load.quotaSum - BigInt(record.quota) + BigInt(quota), entries: load.entries });
  state.load.set(ctx, changed);
  const dueEpoch = nextDue(epoch, ctx.height, record.dueEpoch, periodOf(params, changed), volume.endHeight);
  state.records.set(ctx, [record.dealId, record.slot], { ...record, dueEpoch, quota, answer: Verdict.UNSPECIFIED });
}

/** Not a verdict: the answer stays what it was and counts in the next epoch. */
function putOff({ state }: ChallengeEnv, ctx: ExecCtx, key: RecordKey, epoch: Epoch, error: { codespace: string; code: number }): void {
  const record = state.records.find(ctx, key);
  if (!record) return;
  state.records.set(ctx, key, { ...record, dueEpoch: epoch.number });
  const { dealId, slot, dueEpoch } = record;
  ctx.emit(EventVerdictFailedSchema, { dealId, slot, epoch: dueEpoch, codespace: error.codespace, code: error.code });
}

function healthAfter(params: Params, health: number, verdict: Verdict): number {
  const change = new Map<Verdict, number>([
    [Verdict.ON_TIME, params.healthOnTime],
    [Verdict.LATE, -params.healthLate],
    [Verdict.MISSING, -params.healthMissing],
    [Verdict.WRONG, -params.healthWrong],
  ]).get(verdict)!;
  return Math.max(0, Math.min(MAX_HEALTH, health + change));
}
