import { create } from "@bufbuild/protobuf";
import type { ExecCtx } from "nild/sdk";
import { EventVerdictSchema } from "nild/gen/nil/challenge/v1/events_pb.js";
import { LoadSchema, type SlotRecord, SlotRecordSchema, Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { DealClosing, EpochPort, EscrowPort, Mode2Port, ProviderPort, SlotChanging } from "./api.js";
import { quotaOf } from "./demand.js";
import type { ChallengeErrors } from "./errors.js";
import { firstDue, periodOf } from "./schedule.js";
import type { ChallengeState } from "./state.js";

/** What every operation of this module works with. */
export interface ChallengeEnv {
  readonly state: ChallengeState;
  readonly err: ChallengeErrors;
  readonly deps: { readonly epoch: EpochPort; readonly mode2: Mode2Port; readonly provider: ProviderPort; readonly escrow: EscrowPort };
}

/** mode2.slotChanging. O(1): one record, one settlement. */
export function slotChanging(env: ChallengeEnv, ctx: ExecCtx, { dealId, slot, before, after, hasContent }: SlotChanging): undefined {
  const { state, deps } = env;
  const record = state.records.find(ctx, [dealId, slot]);
  if (record) retire(env, ctx, record);
  else if (hasContent) {
    if (before.status === SlotStatus.ACTIVE) deps.escrow.startSlot(ctx, dealId, slot);
    // Nobody earned the rent of the time without a provider: back to the deal.
    else deps.escrow.settleSlot(ctx, dealId, slot);
  }
  if (hasContent && after.status === SlotStatus.ACTIVE) arm(env, ctx, dealId, slot, after.provider);
  return undefined;
}

/** deal.closing. O(K+M). */
export function dealClosing(env: ChallengeEnv, ctx: ExecCtx, { dealId }: DealClosing): undefined {
  for (const [, record] of env.state.records.scan(ctx, { prefix: [dealId] })) retire(env, ctx, record);
  return undefined;
}

/** A slot enters the clock: challenged from the next epoch on. O(1). */
function arm({ state, deps }: ChallengeEnv, ctx: ExecCtx, dealId: bigint, slot: number, provider: string): void {
  const volume = deps.mode2.find(ctx, dealId);
  if (!volume) throw new Error(`slot ${slot} of deal ${dealId} becomes ACTIVE without a volume`);
  const params = state.params.get(ctx);
  const quota = quotaOf(params, volume, slot, volume);
  const load = state.load.get(ctx);
  const grown = create(LoadSchema, { quotaSum: load.quotaSum + BigInt(quota), entries: load.entries + 1n });
  state.load.set(ctx, grown);
  const dueEpoch = firstDue(deps.epoch.current(ctx), dealId, slot, periodOf(params, grown), volume.endHeight);
  state.records.set(ctx, [dealId, slot], create(SlotRecordSchema, { dealId, slot, provider, dueEpoch, health: params.healthStart, quota }));
}

/** A slot leaves the clock: an answer that it gave in its due epoch is paid, anything else returns to the deal. O(1). */
export function retire({ state, deps }: ChallengeEnv, ctx: ExecCtx, record: SlotRecord): void {
  const { dealId, slot, provider, answer, health } = record;
  const paid = deps.escrow.settleSlot(ctx, dealId, slot, isRight(answer) ? provider : undefined);
  state.records.remove(ctx, [dealId, slot]);
  const load = state.load.get(ctx);
  state.load.set(ctx, create(LoadSchema, { quotaSum: load.quotaSum - BigInt(record.quota), entries: load.entries - 1n }));
  if (answer === Verdict.UNSPECIFIED) return;
  ctx.emit(EventVerdictSchema, { dealId, slot, provider, epoch: record.dueEpoch, verdict: answer, health, paid: isRight(answer) ? `${paid}` : "0" });
}

export function isRight(answer: Verdict): boolean {
  return answer === Verdict.ON_TIME || answer === Verdict.LATE;
}
