import { create } from "@bufbuild/protobuf";
import { BaseAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import type { GenesisStateSchema } from "nild/gen/cosmos/auth/v1beta1/genesis_pb.js";
import { type GenesisHandlers, addressFromString, sdkErr } from "nild/sdk";
import type { AccountView } from "./accounts.js";
import type { AuthApi } from "./api.js";
import { DEFAULT_PARAMS, validateParams } from "./params.js";
import type { AuthState } from "./state.js";

export function authGenesis(state: AuthState, keeper: AuthApi, view: AccountView): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, accounts: [] }),

    validate({ params, accounts }) {
      validateParams(params);
      const addresses = new Set<string>();
      const numbers = new Set<bigint>();
      for (const [i, packed] of accounts.entries()) {
        const path = `auth.accounts[${i}]`;
        const account = view.unpack(packed);
        if (!account) throw sdkErr.InvalidRequest(`${path}: not a base account, and not one of this chain's module accounts`);
        requireAddress(account.address, path);
        if (addresses.has(account.address)) throw sdkErr.InvalidRequest(`${path}.address: ${account.address} occurs twice`);
        if (account.accountNumber !== 0n && numbers.has(account.accountNumber)) {
          throw sdkErr.InvalidRequest(`${path}.account_number: ${account.accountNumber} occurs twice`);
        }
        addresses.add(account.address);
        numbers.add(account.accountNumber);
      }
    },

    init(ctx, { params, accounts }) {
      state.params.set(ctx, params!);
      const known = accounts.map((packed) => view.unpack(packed)!);
      const highest = known.reduce((max, { accountNumber }) => (accountNumber > max ? accountNumber : max), 0n);
      state.nextNumber.set(ctx, highest + 1n);
      for (const account of known) {
        const accountNumber = account.accountNumber === 0n ? state.nextNumber.next(ctx) : account.accountNumber;
        state.accounts.set(ctx, account.address, create(BaseAccountSchema, { ...account, accountNumber }));
      }
      for (const address of view.addresses()) keeper.ensure(ctx, address);
    },

    export: (ctx) => ({
      params: state.params.get(ctx),
      accounts: [...state.accounts.all(ctx)].map(([, account]) => view.pack(account)),
    }),
  };
}

function requireAddress(address: string, path: string): void {
  try {
    addressFromString(address);
  } catch (error) {
    throw sdkErr.InvalidAddress(`${path}.address: ${error instanceof Error ? error.message : String(error)}`);
  }
}
