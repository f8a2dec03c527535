import { type QueryHandlers, addressFromString, k, pageOf } from "nild/sdk";
import type { Query } from "nild/gen/vault/v1/query_pb.js";
import type { VaultKeeper } from "./keeper.js";

// #region queries
export function queryHandlers(keeper: VaultKeeper): QueryHandlers<typeof Query> {
  const { state } = keeper;
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    lock: (ctx, { id }) => ({ lock: keeper.get(ctx, id) }),
    locksByOwner(ctx, { owner, pagination }) {
      addressFromString(owner);
      const page = pageOf(
        pagination,
        k.u64,
        ({ after, ...bounds }) => state.locks.by.byOwner.scan(ctx, { at: owner, ...(after !== undefined && { after: [owner, after] as const }), ...bounds }),
        (id) => id,
      );
      return { locks: page.items.map((id) => keeper.get(ctx, id)), pagination: page.pagination };
    },
  };
}
// #endregion
