import type { ExecCtx } from "nild/sdk";
import { Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { RetrievalCompleted } from "./api.js";
import type { ChallengeEnv } from "./records.js";

/** Old entries removed per block: a block's sessions cannot add more for long. */
const MAX_FORGOTTEN = 1_000;

/**
 * retrieval.completed: each blob counts once per slot and epoch, if the slot must still answer in that very epoch, and
 * the session was opened in it and on the content that the slot must answer for. O(blobs), at most 8.
 */
export function retrievalCompleted({ state, deps }: ChallengeEnv, ctx: ExecCtx, completed: RetrievalCompleted): undefined {
  const { dealId, slot, provider, epoch, blobs } = completed;
  const record = state.records.find(ctx, [dealId, slot]);
  if (!record || record.provider !== provider || record.dueEpoch !== epoch || record.answer !== Verdict.UNSPECIFIED) return undefined;
  const current = deps.epoch.current(ctx);
  if (current.number !== epoch) return undefined;
  // An older session's proof may be older too: kept back, it would excuse a slot that has lost its data since.
  if (completed.openedHeight < current.startHeight) return undefined;
  if (deps.mode2.contentAt(ctx, dealId, epoch)?.generation !== completed.generation) return undefined;
  let credits = record.creditEpoch === epoch ? record.credits : 0;
  for (const { mduIndex, leafIndex } of blobs) {
    const key = [epoch, dealId, slot, mduIndex, leafIndex] as const;
    if (state.credited.has(ctx, key)) continue;
    state.credited.add(ctx, key);
    credits += 1;
  }
  state.records.set(ctx, [dealId, slot], { ...record, creditEpoch: epoch, credits });
  return undefined;
}

/** Drops the blobs credited in past epochs, a bounded number per block. */
export function forgetCredits({ state }: ChallengeEnv, ctx: ExecCtx, currentEpoch: bigint): void {
  for (const key of state.credited.scan(ctx, { end: [currentEpoch, 0n, 0, 0, 0], limit: MAX_FORGOTTEN })) state.credited.remove(ctx, key);
}
