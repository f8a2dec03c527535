import { BaseAccountSchema, ParamsSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { type StateSchema, k } from "nild/sdk";

export const authState = (s: StateSchema) => ({
  params: s.item(0, "params", ParamsSchema),
  accounts: s.map(1, "accounts", k.address, BaseAccountSchema),
  /** From 1: in a genesis file 0 means "give it the next one". */
  nextNumber: s.sequence(2, "next_account_number"),
});

export type AuthState = ReturnType<typeof authState>;
