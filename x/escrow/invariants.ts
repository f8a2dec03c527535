import type { Account, SlotMark } from "nild/gen/nil/escrow/v1/types_pb.js";
import { DEC_ONE, type Invariant, amount } from "nild/sdk";
import type { EscrowDeps } from "./api.js";
import { heldFor, heldInAll } from "./ledger.js";
import { accumulatedRent } from "./pricing.js";
import type { EscrowState } from "./state.js";

export function invariants(state: EscrowState, { bank }: EscrowDeps): Record<string, Invariant> {
  return {
    /** Every unit that entered is paid, burned, refunded or held by an account. */
    conservation(ctx) {
      const held = [...state.accounts.all(ctx)].reduce((sum, [, account]) => sum + heldFor(account), 0n);
      const booked = heldInAll(state.totals.get(ctx));
      return held === booked ? undefined : `the totals hold ${booked} unil, the accounts ${held}`;
    },

    /** The module can pay what its accounts hold. More is no fault: anyone may send it coins. */
    solvency(ctx) {
      const booked = heldInAll(state.totals.get(ctx));
      return bank.balance(ctx) >= booked ? undefined : `accounts hold ${booked} unil, the module ${bank.balance(ctx)}`;
    },

    /** No deal promises more rent than its pool has. */
    rent_covered(ctx) {
      for (const [dealId, account] of state.accounts.all(ctx)) {
        const marks = state.marks.scan(ctx, { prefix: [dealId] }).map(([, mark]) => mark);
        const shortfall = rentShortfall(account, marks);
        if (shortfall !== undefined) return shortfall;
      }
      return undefined;
    },
  };
}

/** In words, when the marks' rent up to the deal's end is more than its pool. */
export function rentShortfall(account: Account, marks: readonly SlotMark[]): string | undefined {
  const end = accumulatedRent(account, account.endHeight);
  const promised = marks.reduce((sum, { rentAcc }) => sum + end - amount(rentAcc), 0n);
  if (promised <= amount(account.rentPool) * DEC_ONE) return undefined;
  return `deal ${account.dealId}: rent of ${promised} 10^-18 unil promised to the end, its pool holds ${account.rentPool} unil`;
}
