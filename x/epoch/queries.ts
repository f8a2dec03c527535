import type { QueryHandlers } from "nild/sdk";
import type { Query } from "nild/gen/nil/epoch/v1/query_pb.js";
import type { EpochErrors } from "./errors.js";
import type { EpochKeeper } from "./keeper.js";
import type { EpochState } from "./state.js";

export function queryHandlers(state: EpochState, keeper: EpochKeeper, err: EpochErrors): QueryHandlers<typeof Query> {
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    current: (ctx) => ({ epoch: keeper.current(ctx) }),
    epoch(ctx, { number }) {
      const epoch = keeper.find(ctx, number);
      if (!epoch) throw err.NotFound(`epoch ${number} is still to come or no longer kept`);
      return { epoch };
    },
  };
}
