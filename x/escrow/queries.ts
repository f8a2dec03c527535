import type { Query } from "nild/gen/nil/escrow/v1/query_pb.js";
import type { QueryHandlers } from "nild/sdk";
import type { EscrowApi } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import { heldInAll } from "./ledger.js";
import { startedBlobs, storageCost } from "./pricing.js";
import type { EscrowState } from "./state.js";

export function queryHandlers(state: EscrowState, err: EscrowErrors, keeper: EscrowApi): QueryHandlers<typeof Query> {
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    account: (ctx, { dealId }) => ({ account: keeper.get(ctx, dealId) }),
    totals(ctx) {
      const totals = state.totals.get(ctx);
      return { totals, held: `${heldInAll(totals)}` };
    },
    quoteStorage(ctx, { dealId, sizeBytes, durationBlocks }) {
      if (dealId === 0n) {
        const blobs = startedBlobs(sizeBytes);
        return { blobs, amount: `${storageCost(err, state.params.get(ctx), blobs, durationBlocks)}` };
      }
      const { amount, blobs } = keeper.quoteStorage(ctx, dealId, sizeBytes);
      return { amount: `${amount}`, blobs };
    },
    quoteRetrieval(ctx, { blobs, sessions }) {
      const { base, locked } = keeper.quoteRetrieval(ctx, blobs, BigInt(sessions));
      return { base: `${base}`, locked: `${locked}` };
    },
  };
}
