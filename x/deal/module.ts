import { GenesisStateSchema } from "nild/gen/nil/deal/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/deal/v1/query_pb.js";
import { Msg } from "nild/gen/nil/deal/v1/tx_pb.js";
import { defineModule, deps } from "nild/sdk";
import type { DealApi, DealDeps } from "./api.js";
import { DEAL_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { dealKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { dealState } from "./state.js";
import { msgValidators } from "./validate.js";

export const dealModule = defineModule({
  name: "deal",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: DEAL_ERRORS,
  needs: deps<DealDeps>(),
  state: dealState,
  build({ state, err, deps: ports, assertAuthority }) {
    const env = { state, err, deps: ports };
    const keeper = dealKeeper(env);
    return {
      msgs: msgHandlers(env, keeper, assertAuthority),
      validate: msgValidators(err),
      queries: queryHandlers(env),
      genesis: genesisHandlers(env),
      invariants: invariants(env),
      beginBlock: (ctx) => keeper.beginBlock(ctx),
      api: keeper satisfies DealApi as DealApi,
    };
  },
});
