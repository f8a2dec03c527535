import { GenesisStateSchema } from "nild/gen/nil/escrow/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/escrow/v1/query_pb.js";
import { Msg } from "nild/gen/nil/escrow/v1/tx_pb.js";
import { defineModule, deps } from "nild/sdk";
import type { EscrowDeps } from "./api.js";
import { ESCROW_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { escrowKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { escrowState } from "./state.js";
import { msgValidators } from "./validate.js";

export const escrowModule = defineModule({
  name: "escrow",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: ESCROW_ERRORS,
  needs: deps<EscrowDeps>(),
  state: escrowState,
  build({ state, err, deps: ports, assertAuthority }) {
    const keeper = escrowKeeper(state, err, ports);
    return {
      msgs: msgHandlers(state, err, assertAuthority),
      validate: msgValidators(err),
      queries: queryHandlers(state, err, keeper),
      genesis: genesisHandlers(state, err, ports),
      invariants: invariants(state, ports),
      api: keeper,
    };
  },
});
