import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { type Invariant, amount } from "nild/sdk";
import type { ProviderDeps } from "./api.js";
import type { CandidateArray } from "./candidates.js";
import type { ProviderState } from "./state.js";

export function invariants(state: ProviderState, candidates: CandidateArray, { bank }: Pick<ProviderDeps, "bank">): Record<string, Invariant> {
  return {
    /** The module holds every bond. More is no fault: anyone may send it coins. */
    bonds_held(ctx) {
      const bonds = [...state.providers.all(ctx)].reduce((sum, [, { bond }]) => sum + amount(bond), 0n);
      return bank.balance(ctx) >= bonds ? undefined : `bonds of ${bonds} unil, the module holds ${bank.balance(ctx)}`;
    },

    /** The candidates are exactly the ACTIVE providers, each once, without a gap. */
    candidates_dense(ctx) {
      const active = new Set([...state.providers.all(ctx)].filter(([, { status }]) => status === Status.ACTIVE).map(([address]) => address));
      const entries = [...state.candidates.all(ctx)];
      if (entries.length !== candidates.count(ctx) || entries.length !== active.size) {
        return `${active.size} ACTIVE providers, ${entries.length} candidates, count ${candidates.count(ctx)}`;
      }
      for (const [i, [index, address]] of entries.entries()) {
        if (index !== i || state.candidateIndex.find(ctx, address) !== BigInt(i)) return `candidate ${address} stands at ${index}, expected ${i}`;
        if (!active.delete(address)) return `candidate ${address} is not ACTIVE or stands there twice`;
      }
      return undefined;
    },
  };
}
