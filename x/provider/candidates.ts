import type { ExecCtx, ReadCtx } from "nild/sdk";
import type { ProviderErrors } from "./errors.js";
import type { ProviderState } from "./state.js";

/** The dense array of ACTIVE providers: O(1) to index, to enter and, by moving the last one into the gap, to leave. */
export function candidateArray(state: ProviderState, err: ProviderErrors) {
  const count = (ctx: ReadCtx): number => Number(state.candidateCount.find(ctx) ?? 0n);
  return {
    count,

    at(ctx: ReadCtx, index: number): string {
      const address = index < count(ctx) ? state.candidates.find(ctx, index) : undefined;
      if (address === undefined) throw err.NotFound(`no candidate ${index}: there are ${count(ctx)}`);
      return address;
    },

    enter(ctx: ExecCtx, address: string): undefined {
      const end = count(ctx);
      state.candidates.set(ctx, end, address);
      state.candidateIndex.set(ctx, address, BigInt(end));
      state.candidateCount.set(ctx, BigInt(end + 1));
    },

    leave(ctx: ExecCtx, address: string): undefined {
      const last = count(ctx) - 1;
      const gap = Number(state.candidateIndex.get(ctx, address));
      const moved = state.candidates.get(ctx, last);
      state.candidates.set(ctx, gap, moved);
      state.candidateIndex.set(ctx, moved, BigInt(gap));
      state.candidates.remove(ctx, last);
      state.candidateIndex.remove(ctx, address);
      state.candidateCount.set(ctx, BigInt(last));
    },
  };
}

export type CandidateArray = ReturnType<typeof candidateArray>;
