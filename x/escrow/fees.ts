import { EventFeeSettledSchema } from "nild/gen/nil/escrow/v1/events_pb.js";
import { amount } from "nild/sdk";
import type { EscrowApi } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import type { EscrowLedger } from "./ledger.js";
import { retrievalPrice, splitFee } from "./pricing.js";
import type { EscrowState } from "./state.js";

/** Retrieval fees: the base is burned at opening, the rest locked until the session ends. All O(1). */
export function feeKeeper(
  state: EscrowState,
  err: EscrowErrors,
  ledger: EscrowLedger,
): Pick<EscrowApi, "openFee" | "settleFee" | "quoteRetrieval"> {
  return {
    openFee(ctx, dealId, blobs, opener) {
      const account = ledger.get(ctx, dealId);
      const { base, locked } = retrievalPrice(err, state.params.get(ctx), blobs, 1n);
      if (opener === account.owner) {
        const balance = amount(account.balance);
        if (balance < base + locked) throw err.InsufficientBalance(`deal ${dealId}: the session costs ${base + locked} unil, its balance is ${balance}: fund it first`);
        account.balance = `${balance - base - locked}`;
      } else {
        ledger.enter(ctx, opener, base + locked);
      }
      account.locked = `${amount(account.locked) + locked}`;
      state.accounts.set(ctx, dealId, account);
      ledger.burn(ctx, base);
      return locked;
    },

    settleFee(ctx, dealId, locked, { end, provider, opener }) {
      const account = ledger.get(ctx, dealId);
      const left = amount(account.locked) - locked;
      // Each lock is settled once by the module that opened it, so this is its bug and not bad input.
      if (left < 0n) throw new Error(`deal ${dealId}: settling ${locked} unil of ${account.locked} locked`);
      const { paid, burned, returned } = splitFee(state.params.get(ctx), locked, end);
      account.locked = `${left}`;
      if (opener === account.owner) account.balance = `${amount(account.balance) + returned}`;
      state.accounts.set(ctx, dealId, account);
      if (opener !== account.owner) ledger.refund(ctx, opener, returned);
      ledger.pay(ctx, provider, paid);
      ledger.burn(ctx, burned);
      ctx.emit(EventFeeSettledSchema, { dealId, provider, paid: `${paid}`, burned: `${burned}`, returned: `${returned}` });
      return { paid, burned, returned };
    },

    quoteRetrieval: (ctx, blobs, sessions) => retrievalPrice(err, state.params.get(ctx), blobs, sessions),
  };
}
