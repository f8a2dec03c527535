import { defineModule, deps } from "nild/sdk";
import { GenesisStateSchema } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/epoch/v1/query_pb.js";
import { Msg } from "nild/gen/nil/epoch/v1/tx_pb.js";
import type { EpochApi } from "./api.js";
import { EPOCH_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers, msgValidators } from "./handlers.js";
import { invariants } from "./invariants.js";
import { epochKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { epochState } from "./state.js";

export const epochModule = defineModule({
  name: "epoch",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: EPOCH_ERRORS,
  needs: deps<Record<never, never>>(),
  state: epochState,
  build({ state, err, assertAuthority }) {
    const keeper = epochKeeper(state, err);
    return {
      msgs: msgHandlers(state, err, assertAuthority),
      validate: msgValidators(err),
      queries: queryHandlers(state, keeper, err),
      genesis: genesisHandlers(state, err),
      invariants: invariants(state),
      beginBlock: (ctx) => keeper.advance(ctx),
      api: { current: keeper.current, find: keeper.find } satisfies EpochApi as EpochApi,
    };
  },
});
