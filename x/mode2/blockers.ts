import { create } from "@bufbuild/protobuf";
import { RepairBudgetSchema, type RepairBudget } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import { RepairCause, type Slot, SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { ExecCtx } from "nild/sdk";
import { drawCandidate, dropCandidate, startRepair } from "./repair.js";
import { setDeadline } from "./repair_queue.js";
import type { Mode2Env } from "./state.js";

/** Gas that one queued item may use: bounds a draw among very many providers. */
const ITEM_GAS = 50_000_000n;

/** Three queues, each with its cap, in this order: what a jail or a deadline frees is drawn for in the same block. */
export function endBlock(env: Mode2Env, ctx: ExecCtx): undefined {
  const cap = env.state.params.get(ctx).maxDuePerBlock;
  queueJailed(env, ctx, cap);
  dropOverdue(env, ctx, cap);
  drawQueued(env, ctx, cap);
}

/** Puts the slots of jailed providers into repair and drops them as candidates, at most `cap` slots. */
function queueJailed(env: Mode2Env, ctx: ExecCtx, cap: number): undefined {
  let left = cap;
  for (const [address, nextDeal] of env.state.jailed.scan(ctx, { limit: cap })) {
    if (left === 0) return;
    const found = env.state.holders.scan(ctx, { prefix: [address], start: [address, nextDeal, 0], limit: left });
    for (const [, dealId, index] of found) {
      eachSlot(env, ctx, dealId, index, (branch, volume, slot) => {
        if (slot.candidate === address) dropCandidate(env, branch, volume, slot);
        else startRepair(env, branch, volume, slot, RepairCause.JAILED);
        return undefined;
      });
    }
    left -= found.length;
    const last = found.at(-1);
    if (left > 0 || !last) env.state.jailed.remove(ctx, address);
    else env.state.jailed.set(ctx, address, last[1] + 1n);
  }
}

/** Candidates past their deadline fail; slots that found nobody are queued again. At most `cap`. */
function dropOverdue(env: Mode2Env, ctx: ExecCtx, cap: number): undefined {
  for (const [height, dealId, index] of env.state.deadlines.scan(ctx, { end: [ctx.height, 0n, 0], limit: cap })) {
    const done = eachSlot(env, ctx, dealId, index, (branch, volume, slot) => dropCandidate(env, branch, volume, slot));
    if (!done) env.state.deadlines.remove(ctx, [height, dealId, index]);
  }
}

/** Draws candidates, at most `cap` now and max_repairs_per_epoch in an epoch. */
function drawQueued(env: Mode2Env, ctx: ExecCtx, cap: number): undefined {
  const { state } = env;
  const budget = budgetOf(env, ctx);
  const limit = Math.min(cap, Math.max(0, state.params.get(ctx).maxRepairsPerEpoch - budget.started));
  const queued = state.repairs.by.bySpare.scan(ctx, { limit });
  for (const [dealId, index] of queued) {
    const done = eachSlot(env, ctx, dealId, index, (branch, volume, slot) => drawCandidate(env, branch, volume, slot));
    // A draw that ran out of gas waits for a later block's hash.
    if (!done) eachSlot(env, ctx, dealId, index, (branch, volume, slot) => postpone(env, branch, volume, slot));
  }
  if (queued.length > 0) state.repairBudget.set(ctx, create(RepairBudgetSchema, { epoch: budget.epoch, started: budget.started + queued.length }));
}

function postpone(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  setDeadline(env, ctx, volume, slot);
  env.state.volumes.set(ctx, volume.dealId, volume);
}

function budgetOf({ state, deps }: Mode2Env, ctx: ExecCtx): RepairBudget {
  const epoch = deps.epoch.current(ctx).number;
  const budget = state.repairBudget.find(ctx);
  return budget?.epoch === epoch ? budget : create(RepairBudgetSchema, { epoch, started: 0 });
}

/** Runs `work` on one slot in a branch of its own; false when it failed and left no trace. */
function eachSlot(env: Mode2Env, ctx: ExecCtx, dealId: bigint, index: number, work: (ctx: ExecCtx, volume: Volume, slot: Slot) => undefined): boolean {
  const run = (branch: ExecCtx): undefined => {
    const volume = env.state.volumes.get(branch, dealId);
    const slot = volume.slots[index];
    if (slot && (slot.status === SlotStatus.REPAIRING || slot.status === SlotStatus.ACTIVE)) work(branch, volume, slot);
  };
  return ctx.isolated(run, { gasLimit: ITEM_GAS }).ok;
}
