import { GenesisStateSchema } from "nild/gen/cosmos/auth/v1beta1/genesis_pb.js";
import { Query } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Msg } from "nild/gen/cosmos/auth/v1beta1/tx_pb.js";
import { type ReadCtx, addressFromString, defineModule, deps, pageOf, sdkErr } from "nild/sdk";
import { AccountView } from "./accounts.js";
import type { ModuleAccounts } from "./api.js";
import { authGenesis } from "./genesis.js";
import { authInvariants } from "./invariants.js";
import { authKeeper } from "./keeper.js";
import { validateParams } from "./params.js";
import { authState } from "./state.js";

export const authModule = defineModule({
  name: "auth",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: {},
  needs: deps<{ moduleAccounts: ModuleAccounts }>(),
  state: authState,
  build: ({ state, deps: { moduleAccounts }, assertAuthority }) => {
    const view = new AccountView(moduleAccounts);
    const keeper = authKeeper(state);
    const find = (ctx: ReadCtx, address: string) => {
      addressFromString(address);
      const account = keeper.find(ctx, address);
      if (!account) throw sdkErr.NotFound(`account ${address} not found`);
      return account;
    };
    return {
      msgs: {
        updateParams(ctx, { authority, params }) {
          assertAuthority(authority);
          state.params.set(ctx, params!);
          return {};
        },
      },
      validate: {
        updateParams: ({ params }) => validateParams(params, "params"),
      },
      queries: {
        account: (ctx, { address }) => ({ account: view.pack(find(ctx, address)) }),
        accountInfo: (ctx, { address }) => ({ info: find(ctx, address) }),
        accounts(ctx, request) {
          const { items, pagination } = pageOf(request.pagination, state.accounts.keyCodec, (bounds) => state.accounts.scan(ctx, bounds), ([address]) => address);
          return { accounts: items.map(([, account]) => view.pack(account)), pagination };
        },
        params: (ctx) => ({ params: state.params.get(ctx) }),
      },
      genesis: authGenesis(state, keeper, view),
      invariants: authInvariants(state),
      api: keeper,
    };
  },
});
