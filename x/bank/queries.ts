import type { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { type QueryHandlers, type ReadCtx, addressFromString, assertDenom, paginate, sdkErr } from "nild/sdk";
import type { PageRequest } from "nild/sdk";
import { coinMessage } from "./coins.js";
import type { BankKeeper } from "./keeper.js";

export function bankQueries(keeper: BankKeeper): QueryHandlers<typeof Query> {
  const { state } = keeper;
  const balances = (ctx: ReadCtx, { address, pagination: page }: { address: string; pagination?: PageRequest | undefined }) => {
    addressFromString(address);
    const { items, pagination } = paginate(ctx, state.balances, page, [address]);
    return { balances: items.map(([[, denom], amount]) => coinMessage(denom, amount)), pagination };
  };
  return {
    balance(ctx, { address, denom }) {
      addressFromString(address);
      assertDenom(denom);
      return { balance: coinMessage(denom, keeper.balance(ctx, address, denom)) };
    },
    allBalances: balances,
    /** Nothing locks coins on an account here: all of them can be spent. */
    spendableBalances: balances,
    totalSupply(ctx, request) {
      const { items, pagination } = paginate(ctx, state.supply, request.pagination);
      return { supply: items.map(([denom, amount]) => coinMessage(denom, amount)), pagination };
    },
    supplyOf(ctx, { denom }) {
      assertDenom(denom);
      return { amount: coinMessage(denom, keeper.supply(ctx, denom)) };
    },
    params: (ctx) => ({ params: state.params.get(ctx) }),
    denomMetadata(ctx, { denom }) {
      assertDenom(denom);
      const metadata = state.metadata.find(ctx, denom);
      if (!metadata) throw sdkErr.NotFound(`no metadata for ${denom}`);
      return { metadata };
    },
    denomsMetadata(ctx, request) {
      const { items, pagination } = paginate(ctx, state.metadata, request.pagination);
      return { metadatas: items.map(([, metadata]) => metadata), pagination };
    },
  };
}
