import { create } from "@bufbuild/protobuf";
import { EventAccountClosedSchema, EventAccountOpenedSchema } from "nild/gen/nil/escrow/v1/events_pb.js";
import { AccountSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type ExecCtx, amount } from "nild/sdk";
import type { EscrowApi } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import { type EscrowLedger, heldFor } from "./ledger.js";
import type { EscrowState } from "./state.js";

/** An account's life: opened with the deal's request, active once its slots are placed, closed at the end. */
export function accountKeeper(state: EscrowState, err: EscrowErrors, ledger: EscrowLedger): Pick<EscrowApi, "open" | "activate" | "close"> {
  return {
    open(ctx, { dealId, owner, amount: deposit }) {
      if (state.accounts.has(ctx, dealId)) throw err.AlreadyOpen(`deal ${dealId} has an escrow account already`);
      // Held at today's price: what the owner was quoted is what `activate` charges.
      const creationFee = state.params.get(ctx).dealCreationFee;
      ledger.enter(ctx, owner, deposit + amount(creationFee));
      const account = create(AccountSchema, {
        dealId,
        owner,
        balance: `${deposit}`,
        rentPool: "0",
        locked: "0",
        rentRate: "0",
        rentAcc: "0",
        maxMonthlySpend: "0",
        windowSpent: "0",
        creationFee,
      });
      state.accounts.set(ctx, dealId, account);
      ctx.emit(EventAccountOpenedSchema, { dealId, owner, amount: `${deposit}` });
    },

    activate(ctx, dealId, { slots, endHeight, maxMonthlySpend }) {
      const account = ledger.get(ctx, dealId);
      if (account.slots !== 0) throw err.AlreadyOpen(`the escrow account of deal ${dealId} is active already`);
      ledger.payFeeCollector(ctx, amount(account.creationFee));
      account.creationFee = "0";
      account.slots = slots;
      account.endHeight = endHeight;
      account.maxMonthlySpend = `${maxMonthlySpend}`;
      account.windowStartHeight = ctx.height;
      account.rentHeight = ctx.height;
      state.accounts.set(ctx, dealId, account);
    },

    close(ctx, dealId) {
      const account = ledger.get(ctx, dealId);
      if (account.locked !== "0") throw err.FeesLocked(`deal ${dealId}: ${account.locked} unil are locked by open sessions; end them first`);
      const refunded = heldFor(account);
      ledger.refund(ctx, account.owner, refunded);
      removeMarks(ctx, dealId, account.slots);
      state.accounts.remove(ctx, dealId);
      ctx.emit(EventAccountClosedSchema, { dealId, owner: account.owner, refunded: `${refunded}` });
      return refunded;
    },
  };

  function removeMarks(ctx: ExecCtx, dealId: bigint, slots: number): undefined {
    for (const key of state.marks.keys(ctx, { prefix: [dealId], limit: slots })) state.marks.remove(ctx, key);
  }
}
