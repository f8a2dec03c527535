import { AccountSchema, ParamsSchema, SlotMarkSchema, TotalsSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type StateSchema, k } from "nild/sdk";

export type EscrowState = ReturnType<typeof escrowState>;

export function escrowState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    accounts: s.map(1, "accounts", k.u64, AccountSchema),
    marks: s.map(2, "marks", k.tuple(k.u64, k.u32), SlotMarkSchema),
    totals: s.item(3, "totals", TotalsSchema),
  };
}
