import { MetadataSchema, ParamsSchema } from "nild/gen/cosmos/bank/v1beta1/bank_pb.js";
import { type StateSchema, type ValueCodec, k, v } from "nild/sdk";

const flag: ValueCodec<boolean> = {
  encode: (value) => Uint8Array.of(value ? 2 : 1),
  decode: (bytes) => bytes[0] === 2,
};

export const bankState = (s: StateSchema) => ({
  params: s.item(0, "params", ParamsSchema),
  /** Total of each denomination; absent = 0. */
  supply: s.map(1, "supply", k.str, v.amount),
  /** (owner, denomination) → base units; absent = 0, never stored as 0. */
  balances: s.map(2, "balances", k.tuple<readonly [string, string]>(k.address, k.str), v.amount),
  metadata: s.map(3, "denom_metadata", k.str, MetadataSchema),
  /** Overrides params.default_send_enabled. */
  sendEnabled: s.map(4, "send_enabled", k.str, flag),
});

export type BankState = ReturnType<typeof bankState>;
