import { GenesisStateSchema } from "nild/gen/cosmos/bank/v1beta1/genesis_pb.js";
import { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Msg } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { defineModule, deps } from "nild/sdk";
import type { AuthPort, BankApi, ModuleAccounts } from "./api.js";
import { bankGenesis } from "./genesis.js";
import { bankHandlers, bankValidators } from "./handlers.js";
import { bankInvariants } from "./invariants.js";
import { BankKeeper } from "./keeper.js";
import { Purses } from "./purses.js";
import { bankQueries } from "./queries.js";
import { bankState } from "./state.js";

export const bankModule = defineModule({
  name: "bank",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: {},
  needs: deps<{ auth: AuthPort; moduleAccounts: ModuleAccounts; blocked: ReadonlySet<string> }>(),
  state: bankState,
  build: ({ state, deps: { auth, moduleAccounts, blocked }, assertAuthority }) => {
    const keeper = new BankKeeper(state, auth);
    const purses = new Purses(keeper, moduleAccounts, blocked);
    const api: BankApi = {
      balance: (ctx, address, denom) => keeper.balance(ctx, address, denom),
      supply: (ctx, denom) => keeper.supply(ctx, denom),
      transfer: (ctx, from, to, coins) => keeper.transfer(ctx, from, to, coins),
      forModule: (name) => purses.forModule(name),
      forBurner: (name) => purses.forBurner(name),
      forMinter: (name) => purses.forMinter(name),
    };
    return {
      msgs: bankHandlers(keeper, blocked, assertAuthority),
      validate: bankValidators,
      queries: bankQueries(keeper),
      genesis: bankGenesis(keeper),
      invariants: bankInvariants(state),
      api,
    };
  },
});
