import { GenesisStateSchema } from "nild/gen/nil/provider/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/provider/v1/query_pb.js";
import { Msg } from "nild/gen/nil/provider/v1/tx_pb.js";
import { defineModule, deps } from "nild/sdk";
import type { ProviderDeps } from "./api.js";
import { PROVIDER_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { providerApi, providerKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { providerState } from "./state.js";
import { msgValidators } from "./validate.js";

export const providerModule = defineModule({
  name: "provider",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: PROVIDER_ERRORS,
  needs: deps<ProviderDeps>(),
  state: providerState,
  build({ state, err, deps: ports, assertAuthority }) {
    const keeper = providerKeeper(state, err, ports);
    return {
      msgs: msgHandlers(state, err, keeper, assertAuthority),
      validate: msgValidators(err),
      queries: queryHandlers(state, keeper),
      genesis: genesisHandlers(state, err, keeper.candidates, ports),
      invariants: invariants(state, keeper.candidates, ports),
      api: providerApi(keeper),
    };
  },
});
