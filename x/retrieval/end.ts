import { type ExecCtx, amount } from "nild/sdk";
import { EventSessionCompletedSchema, EventSessionExpiredSchema } from "nild/gen/nil/retrieval/v1/events_pb.js";
import { type Session, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { DealClosing } from "./api.js";
import type { RetrievalEnv } from "./keeper.js";
import { openedPositions } from "./opened.js";
import { isLive } from "./state.js";

/* How sessions end: each exactly once, its fee settled with it. */

/** Proved and confirmed. O(1). */
export function complete(env: RetrievalEnv, ctx: ExecCtx, session: Session): void {
  const { deps } = env;
  const { dealId, slot, provider, generation, opener, openedHeight } = session;
  const { paid } = deps.escrow.settleFee(ctx, dealId, amount(session.lockedFee), { end: "completed", provider, opener });
  end(env, ctx, session, Status.COMPLETED);
  ctx.emit(EventSessionCompletedSchema, { sessionId: session.id, paid: `${paid}` });
  deps.completed.fire(ctx, { dealId, slot, provider, generation, openedHeight, epoch: deps.epoch.current(ctx).number, blobs: openedPositions(session) });
}

/** Past its last height, or its deal closes. Proved: a part is paid; else the fee goes back. O(1). */
function expire(env: RetrievalEnv, ctx: ExecCtx, session: Session): void {
  const { dealId, provider, opener } = session;
  const proved = session.status === Status.PROVED;
  env.deps.escrow.settleFee(ctx, dealId, amount(session.lockedFee), { end: proved ? "unconfirmed" : "unproved", provider, opener });
  end(env, ctx, session, Status.EXPIRED);
  ctx.emit(EventSessionExpiredSchema, { sessionId: session.id, proved });
}

function end({ state }: RetrievalEnv, ctx: ExecCtx, session: Session, status: Status): void {
  const dueHeight = ctx.height + state.params.get(ctx).keepEndedBlocks;
  state.sessions.set(ctx, session.id, { ...session, status, dueHeight });
}

/**
 * Expires what is past its height and forgets what ended long ago, at most max_due_per_block of both. An item that
 * fails is put off by keep_ended_blocks: its fee stays locked rather than lost.
 */
export function sweep(env: RetrievalEnv, ctx: ExecCtx): void {
  const { state } = env;
  const params = state.params.get(ctx);
  for (const id of state.sessions.by.byDue.scan(ctx, { endInclusive: ctx.height, limit: params.maxDuePerBlock })) {
    const session = state.sessions.get(ctx, id);
    const outcome = ctx.isolated((branch) => (isLive(session) ? expire(env, branch, session) : state.sessions.remove(branch, id)));
    if (!outcome.ok) state.sessions.set(ctx, id, { ...session, dueHeight: ctx.height + params.keepEndedBlocks });
  }
}

/**
 * deal.closing: ends the deal's live sessions, at most max_due_per_block of them. With more it throws SessionsLeft, and
 * the deal closes in a later block: by then the sweep has come for them, since no session outlives its deal.
 */
export function dealClosing(env: RetrievalEnv, ctx: ExecCtx, { dealId }: DealClosing): undefined {
  const { state, err } = env;
  const limit = state.params.get(ctx).maxDuePerBlock;
  const live = state.sessions.by.liveByDeal.scan(ctx, { at: dealId, limit: limit + 1 });
  if (live.length > limit) throw err.SessionsLeft(`deal ${dealId} has over ${limit} live sessions: close it in a later block`);
  for (const id of live) expire(env, ctx, state.sessions.get(ctx, id));
  return undefined;
}
