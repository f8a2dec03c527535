import { defineModule, deps } from "nild/sdk";
import { GenesisStateSchema } from "nild/gen/nil/retrieval/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { Msg } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import type { RetrievalApi } from "./api.js";
import { RETRIEVAL_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { type RetrievalDeps, dealClosing, sweep } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { retrievalState } from "./state.js";
import { msgChecks, msgValidators } from "./validate.js";

export const retrievalModule = defineModule({
  name: "retrieval",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: RETRIEVAL_ERRORS,
  needs: deps<RetrievalDeps>(),
  state: retrievalState,
  build({ state, err, deps: ports, assertAuthority }) {
    const env = { state, err, deps: ports };
    const api: RetrievalApi = {
      find: (ctx, id) => state.sessions.find(ctx, id),
      dealClosing: (ctx, event) => dealClosing(env, ctx, event),
    };
    return {
      msgs: msgHandlers(env, assertAuthority),
      validate: msgValidators(err),
      checks: msgChecks,
      queries: queryHandlers(env),
      genesis: genesisHandlers(state, err),
      invariants: invariants(env),
      beginBlock(ctx) {
        sweep(env, ctx);
        return undefined;
      },
      api,
    };
  },
});
