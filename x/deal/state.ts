import { DealSchema, ParamsSchema } from "nild/gen/nil/deal/v1/types_pb.js";
import { type StateSchema, k } from "nild/sdk";
import type { DealDeps } from "./api.js";
import type { DealErrors } from "./errors.js";

export type DealState = ReturnType<typeof dealState>;

export function dealState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    nextId: s.sequence(1, "next_id"),
    deals: s.indexedMap(2, "deals", k.u64, DealSchema, (multi) => ({
      byOwner: multi(3, k.address, (deal) => deal.owner),
    })),
    // Deals that wait for the draw of their slots.
    placing: s.keySet(4, "placing", k.u64),
    // (height, deal id): closed once the height has passed.
    closings: s.keySet(5, "closings", k.tuple(k.u64, k.u64)),
  };
}

/** What every operation of this module works with. */
export interface DealEnv {
  readonly state: DealState;
  readonly err: DealErrors;
  readonly deps: DealDeps;
}
