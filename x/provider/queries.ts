import type { Query } from "nild/gen/nil/provider/v1/query_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { type QueryHandlers, k, pageOf } from "nild/sdk";
import type { ProviderKeeper } from "./keeper.js";
import type { ProviderState } from "./state.js";

export function queryHandlers(state: ProviderState, keeper: ProviderKeeper): QueryHandlers<typeof Query> {
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    provider: (ctx, { address }) => ({ provider: keeper.get(ctx, address) }),
    providers(ctx, { status, pagination: request }) {
      const page = pageOf(
        request,
        k.address,
        ({ after, reverse, limit }) =>
          status === Status.UNSPECIFIED
            ? state.providers.keys(ctx, { ...(after !== undefined && { after }), reverse, limit })
            : state.providers.by.byStatus.scan(ctx, { at: status, ...(after !== undefined && { after: [status, after] }), reverse, limit }),
        (address) => address,
      );
      return { providers: page.items.map((address) => keeper.get(ctx, address)), pagination: page.pagination };
    },
  };
}
