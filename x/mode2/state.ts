import { QueuedRepairSchema, RepairBudgetSchema } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import { ParamsSchema, VolumeSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import { type StateSchema, k, v } from "nild/sdk";
import type { Mode2Deps } from "./api.js";
import type { Mode2Errors } from "./errors.js";

export type Mode2State = ReturnType<typeof mode2State>;

/** (deal id, slot): the key of a slot in queues and page tokens. */
export const slotKey = k.tuple(k.u64, k.u32);

export function mode2State(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    volumes: s.map(1, "volumes", k.u64, VolumeSchema),
    // (provider, deal id, slot) of every slot that a provider holds or is candidate for.
    holders: s.keySet(2, "holders", k.tuple(k.address, k.u64, k.u32)),
    // REPAIRING slots that wait for a candidate, those of deals with the fewest spare slots first.
    repairs: s.indexedMap(3, "repairs", slotKey, QueuedRepairSchema, (multi) => ({
      bySpare: multi(4, k.u32, (queued) => queued.spareSlots),
    })),
    // (height, deal id, slot): past this height the candidate has failed, or a draw is tried again.
    deadlines: s.keySet(5, "deadlines", k.tuple(k.u64, k.u64, k.u32)),
    repairBudget: s.item(6, "repair_budget", RepairBudgetSchema),
    // Jailed provider → the deal id from which its slots are still to be queued.
    jailed: s.map(7, "jailed", k.address, v.u64),
  };
}

/** What every operation of this module works with. */
export interface Mode2Env {
  readonly state: Mode2State;
  readonly err: Mode2Errors;
  readonly deps: Mode2Deps;
}
