import type { Query } from "nild/gen/nil/deal/v1/query_pb.js";
import { type QueryHandlers, k, pageOf } from "nild/sdk";
import { getDeal } from "./commit.js";
import type { DealEnv } from "./state.js";

export function queryHandlers(env: DealEnv): QueryHandlers<typeof Query> {
  const { deals, params } = env.state;
  return {
    params: (ctx) => ({ params: params.get(ctx) }),
    deal: (ctx, { id }) => ({ deal: getDeal(env, ctx, id) }),
    deals(ctx, { owner, pagination: request }) {
      const page = pageOf(
        request,
        k.u64,
        ({ after, reverse, limit }) =>
          owner === ""
            ? deals.keys(ctx, { ...(after !== undefined && { after }), reverse, limit })
            : deals.by.byOwner.scan(ctx, { at: owner, ...(after !== undefined && { after: [owner, after] }), reverse, limit }),
        (id) => id,
      );
      return { deals: page.items.map((id) => getDeal(env, ctx, id)), pagination: page.pagination };
    },
  };
}
