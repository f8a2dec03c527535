import { create } from "@bufbuild/protobuf";
import { EventRentFundedSchema, EventRentPaidSchema, EventRentReturnedSchema } from "nild/gen/nil/escrow/v1/events_pb.js";
import { type Account, SlotMarkSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type ReadCtx, amount } from "nild/sdk";
import type { EscrowApi, StorageQuote } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import type { EscrowLedger } from "./ledger.js";
import { accumulatedRent, earnedRent, rentRate, startedBlobs, storageCost } from "./pricing.js";
import type { EscrowState } from "./state.js";

/**
 * Rent: paid for the whole rest of the term when content comes in, streamed to each slot by one accumulator per deal,
 * handed out by verdicts only. A slot's mark is where it was settled last; what no slot earns stays with the deal.
 */
export function rentKeeper(
  state: EscrowState,
  err: EscrowErrors,
  ledger: EscrowLedger,
): Pick<EscrowApi, "fundRent" | "startSlot" | "settleSlot" | "quoteStorage"> {
  function quote(ctx: ReadCtx, account: Account, sizeBytes: bigint): StorageQuote & { readonly blocks: bigint } {
    if (account.slots === 0) throw err.NotActive(`deal ${account.dealId}: its slots are not placed yet`);
    if (ctx.height >= account.endHeight) throw err.Ended(`deal ${account.dealId} ends at height ${account.endHeight}: there is no term left to pay for`);
    const started = startedBlobs(sizeBytes);
    const blobs = started > account.paidBlobs ? started - account.paidBlobs : 0n;
    const blocks = account.endHeight - ctx.height;
    return { blobs, blocks, amount: storageCost(err, state.params.get(ctx), blobs, blocks) };
  }

  return {
    fundRent(ctx, dealId, sizeBytes) {
      const account = ledger.get(ctx, dealId);
      const { amount: cost, blobs, blocks } = quote(ctx, account, sizeBytes);
      const balance = amount(account.balance);
      if (balance < cost) throw err.InsufficientBalance(`deal ${dealId}: ${blobs} more blobs cost ${cost} unil, its balance is ${balance}: fund it first`);
      account.rentAcc = `${accumulatedRent(account, ctx.height)}`;
      account.rentHeight = ctx.height;
      account.rentRate = `${amount(account.rentRate) + rentRate(cost, account.slots, blocks)}`;
      account.balance = `${balance - cost}`;
      account.rentPool = `${amount(account.rentPool) + cost}`;
      account.paidBlobs += blobs;
      state.accounts.set(ctx, dealId, account);
      ctx.emit(EventRentFundedSchema, { dealId, amount: `${cost}`, blobs });
      return cost;
    },

    startSlot(ctx, dealId, slot) {
      const rentAcc = `${accumulatedRent(ledger.get(ctx, dealId), ctx.height)}`;
      state.marks.set(ctx, [dealId, slot], create(SlotMarkSchema, { dealId, slot, rentAcc }));
    },

    settleSlot(ctx, dealId, slot, payTo) {
      const mark = state.marks.find(ctx, [dealId, slot]);
      if (!mark) return 0n;
      const account = ledger.get(ctx, dealId);
      const { whole, newMark } = earnedRent(accumulatedRent(account, ctx.height), amount(mark.rentAcc));
      if (whole === 0n) return 0n;
      mark.rentAcc = `${newMark}`;
      state.marks.set(ctx, [dealId, slot], mark);
      account.rentPool = `${amount(account.rentPool) - whole}`;
      if (payTo === undefined) account.balance = `${amount(account.balance) + whole}`;
      state.accounts.set(ctx, dealId, account);
      if (payTo === undefined) {
        ctx.emit(EventRentReturnedSchema, { dealId, slot, amount: `${whole}` });
      } else {
        ledger.pay(ctx, payTo, whole);
        ctx.emit(EventRentPaidSchema, { dealId, slot, provider: payTo, amount: `${whole}` });
      }
      return whole;
    },

    quoteStorage(ctx, dealId, sizeBytes) {
      const { amount: cost, blobs } = quote(ctx, ledger.get(ctx, dealId), sizeBytes);
      return { amount: cost, blobs };
    },
  };
}
