import { EventDealClosedSchema, EventDealFailedSchema } from "nild/gen/nil/deal/v1/events_pb.js";
import { Status } from "nild/gen/nil/deal/v1/types_pb.js";
import { type ExecCtx, amount } from "nild/sdk";
import { getDeal } from "./commit.js";
import type { DealEnv } from "./state.js";

/** Gas that one deal's closing may use. */
const CLOSING_GAS = 500_000_000n;
/** Gas that all draws of a block may use together: a failed draw costs its requester nothing, so their sum is bounded. */
const DRAWS_GAS = 200_000_000n;
/** A closing that something still holds up is tried again after so many blocks. */
const CLOSING_RETRY_BLOCKS = 10n;

/** Both queues have the same cap per block, and every deal its own branch. */
export function beginBlock(env: DealEnv, ctx: ExecCtx): undefined {
  const { maxDuePerBlock } = env.state.params.get(ctx);
  placeRequested(env, ctx, maxDuePerBlock);
  closeEnded(env, ctx, maxDuePerBlock);
}

/**
 * Draws the slots of the deals requested before this block, by this block's hash. A draw that does not fit in what the
 * earlier ones left waits for the next block; the first has all of it, so that none waits for ever.
 */
function placeRequested(env: DealEnv, ctx: ExecCtx, limit: number): undefined {
  let left = DRAWS_GAS;
  for (const id of env.state.placing.scan(ctx, { limit })) {
    let meter: ExecCtx["gas"] | undefined;
    const draw = (branch: ExecCtx): undefined => {
      meter = branch.gas;
      return place(env, branch, id);
    };
    const placed = ctx.isolated(draw, { gasLimit: left });
    const used = meter?.used ?? 0n;
    if (!placed.ok && used > left && left < DRAWS_GAS) return;
    if (!placed.ok) ctx.isolated((branch) => fail(env, branch, id, placed.error.detail));
    left -= used;
    if (left <= 0n) return;
  }
}

function place(env: DealEnv, ctx: ExecCtx, id: bigint): undefined {
  const { state, deps } = env;
  const deal = getDeal(env, ctx, id);
  const providers = deps.mode2.place(ctx, id);
  deps.escrow.activate(ctx, id, { slots: providers.length, endHeight: deal.endHeight, maxMonthlySpend: amount(deal.maxMonthlySpend) });
  deal.status = Status.OPEN;
  state.deals.set(ctx, id, deal);
  state.placing.remove(ctx, id);
  state.closings.add(ctx, [deal.endHeight, id]);
}

/** The draw failed: all is refunded, the creation fee too. */
function fail({ state, deps }: DealEnv, ctx: ExecCtx, id: bigint, reason: string): undefined {
  deps.mode2.close(ctx, id);
  deps.escrow.close(ctx, id);
  state.placing.remove(ctx, id);
  state.deals.remove(ctx, id);
  ctx.emit(EventDealFailedSchema, { dealId: id, reason });
}

/** Closes the deals whose last block has passed. */
function closeEnded(env: DealEnv, ctx: ExecCtx, limit: number): undefined {
  for (const [height, id] of env.state.closings.scan(ctx, { end: [ctx.height, 0n], limit })) {
    const closed = ctx.isolated((branch) => close(env, branch, id, height), { gasLimit: CLOSING_GAS });
    if (closed.ok) continue;
    // Sessions may still hold fees: they end by themselves, so the money is never stuck.
    env.state.closings.remove(ctx, [height, id]);
    env.state.closings.add(ctx, [ctx.height + CLOSING_RETRY_BLOCKS, id]);
  }
}

function close({ state, deps }: DealEnv, ctx: ExecCtx, id: bigint, height: bigint): undefined {
  deps.closing.fire(ctx, { dealId: id });
  const refunded = deps.escrow.close(ctx, id);
  deps.mode2.close(ctx, id);
  state.closings.remove(ctx, [height, id]);
  state.deals.remove(ctx, id);
  ctx.emit(EventDealClosedSchema, { dealId: id, refunded: `${refunded}` });
}
