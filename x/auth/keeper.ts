import { create } from "@bufbuild/protobuf";
import { BaseAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { sdkErr } from "nild/sdk";
import type { AuthApi } from "./api.js";
import type { AuthState } from "./state.js";

export function authKeeper(state: AuthState): AuthApi {
  return {
    params: (ctx) => state.params.get(ctx),
    find: (ctx, address) => state.accounts.find(ctx, address),
    get(ctx, address) {
      const account = state.accounts.find(ctx, address);
      if (!account) throw sdkErr.UnknownAddress(`account ${address} does not exist`);
      return account;
    },
    has: (ctx, address) => state.accounts.has(ctx, address),
    ensure(ctx, address) {
      if (state.accounts.has(ctx, address)) return;
      state.accounts.set(ctx, address, create(BaseAccountSchema, { address, accountNumber: state.nextNumber.next(ctx) }));
    },
    save(ctx, account) {
      state.accounts.set(ctx, account.address, account);
    },
  };
}
