import { type StateSchema, k } from "nild/sdk";
import { EpochSchema, ParamsSchema } from "nild/gen/nil/epoch/v1/types_pb.js";

export type EpochState = ReturnType<typeof epochState>;

export function epochState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    current: s.item(1, "current", EpochSchema),
    past: s.map(2, "past", k.u64, EpochSchema),
  };
}
