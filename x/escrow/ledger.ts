import type { Account, Totals } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type ExecCtx, type ReadCtx, amount } from "nild/sdk";
import type { EscrowDeps } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import type { EscrowState } from "./state.js";

/** unil that the module holds for one deal. */
export function heldFor(account: Account): bigint {
  return amount(account.balance) + amount(account.rentPool) + amount(account.locked) + amount(account.creationFee);
}

export function heldInAll(totals: Totals): bigint {
  return amount(totals.entered) - amount(totals.paid) - amount(totals.burned) - amount(totals.refunded);
}

/** The one place where coins cross the module's border: each move is booked in the totals. Zero moves nothing. All O(1). */
export function escrowLedger(state: EscrowState, err: EscrowErrors, { bank }: EscrowDeps) {
  function book(ctx: ExecCtx, column: "entered" | "paid" | "burned" | "refunded", value: bigint): undefined {
    const totals = state.totals.get(ctx);
    totals[column] = `${amount(totals[column]) + value}`;
    state.totals.set(ctx, totals);
  }

  return {
    find: (ctx: ReadCtx, dealId: bigint) => state.accounts.find(ctx, dealId),

    /** @throws escrow/2 */
    get(ctx: ReadCtx, dealId: bigint): Account {
      const account = state.accounts.find(ctx, dealId);
      if (!account) throw err.NotFound(`deal ${dealId} has no escrow account`);
      return account;
    },

    enter(ctx: ExecCtx, from: string, value: bigint): undefined {
      if (value === 0n) return;
      bank.receive(ctx, from, value);
      book(ctx, "entered", value);
    },
    pay(ctx: ExecCtx, to: string, value: bigint): undefined {
      if (value === 0n) return;
      bank.pay(ctx, to, value);
      book(ctx, "paid", value);
    },
    payFeeCollector(ctx: ExecCtx, value: bigint): undefined {
      if (value === 0n) return;
      bank.payModule(ctx, "fee_collector", value);
      book(ctx, "paid", value);
    },
    refund(ctx: ExecCtx, to: string, value: bigint): undefined {
      if (value === 0n) return;
      bank.pay(ctx, to, value);
      book(ctx, "refunded", value);
    },
    burn(ctx: ExecCtx, value: bigint): undefined {
      if (value === 0n) return;
      bank.burn(ctx, value);
      book(ctx, "burned", value);
    },
  };
}

export type EscrowLedger = ReturnType<typeof escrowLedger>;
