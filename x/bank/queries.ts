import type { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import type { PageRequest } from "nild/gen/cosmos/base/query/v1beta1/pagination_pb.js";
import { type KeyMap, type Page, type QueryHandlers, type ReadCtx, addressFromString, assertDenom, pageOf, sdkErr } from "nild/sdk";
import { coinMessage } from "./coins.js";
import type { BankKeeper } from "./keeper.js";

export function bankQueries(keeper: BankKeeper): QueryHandlers<typeof Query> {
  const { state } = keeper;
  const balances = (ctx: ReadCtx, request: { address: string; pagination?: PageRequest | undefined }) => {
    const { address } = request;
    addressFromString(address);
    const { items, pagination } = page(ctx, state.balances, request.pagination, [address]);
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
      const { items, pagination } = page(ctx, state.supply, request.pagination);
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
      const { items, pagination } = page(ctx, state.metadata, request.pagination);
      return { metadatas: items.map(([, metadata]) => metadata), pagination };
    },
  };
}

function page<K, V>(ctx: ReadCtx, map: KeyMap<K, V>, request: PageRequest | undefined, prefix?: readonly unknown[]): Page<[K, V]> {
  const within = prefix === undefined ? {} : { prefix };
  return pageOf(request, map.keyCodec, (bounds) => map.scan(ctx, { ...within, ...bounds }), ([key]) => key);
}
