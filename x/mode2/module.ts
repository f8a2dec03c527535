import { GenesisStateSchema } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/mode2/v1/query_pb.js";
import { Msg } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { defineModule, deps } from "nild/sdk";
import type { Mode2Api, Mode2Deps } from "./api.js";
import { MODE2_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { mode2Keeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { mode2State } from "./state.js";
import { msgChecks, msgValidators } from "./validate.js";

export const mode2Module = defineModule({
  name: "mode2",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: MODE2_ERRORS,
  needs: deps<Mode2Deps>(),
  state: mode2State,
  build({ state, err, deps: ports, assertAuthority }) {
    const env = { state, err, deps: ports };
    const keeper = mode2Keeper(env);
    return {
      msgs: msgHandlers(env, keeper, assertAuthority),
      validate: msgValidators(err),
      checks: msgChecks,
      queries: queryHandlers(env),
      genesis: genesisHandlers(env),
      invariants: invariants(env),
      endBlock: (ctx) => keeper.endBlock(ctx),
      api: keeper satisfies Mode2Api as Mode2Api,
    };
  },
});
