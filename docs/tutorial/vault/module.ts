import { defineModule, deps } from "nild/sdk";
import { GenesisStateSchema } from "nild/gen/vault/v1/genesis_pb.js";
import { Query } from "nild/gen/vault/v1/query_pb.js";
import { Msg } from "nild/gen/vault/v1/tx_pb.js";
import type { VaultApi, VaultDeps } from "./api.js";
import { VAULT_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers, msgValidators } from "./handlers.js";
import { invariants } from "./invariants.js";
import { VaultKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import { vaultState } from "./state.js";

// #region module
export const vaultModule = defineModule({
  name: "vault",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: VAULT_ERRORS,
  needs: deps<VaultDeps>(),
  state: vaultState,
  build({ state, err, deps: ports, assertAuthority }) {
    const keeper = new VaultKeeper(state, err, ports);
    return {
      msgs: msgHandlers(keeper, assertAuthority),
      validate: msgValidators(err),
      queries: queryHandlers(keeper),
      genesis: genesisHandlers(keeper),
      invariants: invariants(keeper),
      endBlock: (ctx) => keeper.releaseDue(ctx),
      api: { find: (ctx, id) => keeper.find(ctx, id) } satisfies VaultApi as VaultApi,
    };
  },
});
// #endregion
