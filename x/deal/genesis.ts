import type { GenesisStateSchema } from "nild/gen/nil/deal/v1/genesis_pb.js";
import { type Deal, Status } from "nild/gen/nil/deal/v1/types_pb.js";
import { type GenesisHandlers, addressFromString, amount } from "nild/sdk";
import type { DealErrors } from "./errors.js";
import { DEFAULT_PARAMS, checkParams } from "./params.js";
import type { DealEnv } from "./state.js";

export function genesisHandlers({ state, err }: DealEnv): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, deals: [], nextDealId: 1n }),

    validate({ params, deals, nextDealId }) {
      checkParams(err, params);
      if (nextDealId === 0n) throw err.InvalidGenesis("next_deal_id: 0; ids start at 1");
      for (const [i, deal] of deals.entries()) {
        checkDeal(err, deal, `deals[${i}]`);
        if (deal.id <= (deals[i - 1]?.id ?? 0n)) throw err.InvalidGenesis(`deals[${i}].id: ${deal.id} is 0, given twice or out of order`);
        if (deal.id >= nextDealId) throw err.InvalidGenesis(`deals[${i}].id: ${deal.id} is not below next_deal_id ${nextDealId}`);
      }
      return undefined;
    },

    init(ctx, { params, deals, nextDealId }) {
      state.params.set(ctx, params!);
      state.nextId.set(ctx, nextDealId);
      for (const deal of deals) {
        state.deals.set(ctx, deal.id, deal);
        if (deal.status === Status.PLACING) state.placing.add(ctx, deal.id);
        else state.closings.add(ctx, [deal.endHeight, deal.id]);
      }
      return undefined;
    },

    export: (ctx) => ({
      params: state.params.get(ctx),
      deals: [...state.deals.all(ctx)].map(([, deal]) => deal),
      nextDealId: state.nextId.peek(ctx),
    }),
  };
}

function checkDeal(err: DealErrors, deal: Deal, path: string): undefined {
  addressFromString(deal.owner);
  amount(deal.maxMonthlySpend);
  if (deal.status !== Status.PLACING && deal.status !== Status.OPEN) throw err.InvalidGenesis(`${path}.status: ${deal.status} is unknown`);
  if (deal.endHeight <= deal.createdHeight) throw err.InvalidGenesis(`${path}.end_height: ${deal.endHeight} is not above created_height ${deal.createdHeight}`);
}
