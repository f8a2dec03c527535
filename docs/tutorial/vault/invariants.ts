import { type Invariant, amount } from "nild/sdk";
import type { VaultKeeper } from "./keeper.js";

// #region invariants
export function invariants({ state, deps }: VaultKeeper): Record<string, Invariant> {
  return {
    /** The module holds every locked coin. More is no fault: another module may pay in. */
    locks_held(ctx) {
      const locked = [...state.locks.all(ctx)].reduce((sum, [, lock]) => sum + amount(lock.amount), 0n);
      const held = deps.bank.balance(ctx);
      return held >= locked ? undefined : `locks of ${locked} unil, the module holds ${held}`;
    },

    /** No id is given out twice. */
    ids_below_next(ctx) {
      const next = state.nextId.peek(ctx);
      const [last] = state.locks.keys(ctx, { reverse: true, limit: 1 });
      return last === undefined || last < next ? undefined : `lock ${last} exists, the next id is ${next}`;
    },
  };
}
// #endregion
