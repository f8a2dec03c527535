import { type StateSchema, k, v } from "nild/sdk";
import { LoadSchema, ParamsSchema, SlotRecordSchema } from "nild/gen/nil/challenge/v1/types_pb.js";

/** (deal, slot) */
export type RecordKey = readonly [bigint, number];

const recordKey = k.tuple<RecordKey>(k.u64, k.u32);

export type ChallengeState = ReturnType<typeof challengeState>;

export function challengeState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    records: s.indexedMap(1, "records", recordKey, SlotRecordSchema, (multi) => ({
      /** The verdict queue. */
      byDue: multi(2, k.u64, (record) => record.dueEpoch),
      /** What a provider must answer in an epoch. */
      byProviderDue: multi(3, k.tuple<readonly [string, bigint]>(k.address, k.u64), (record) => [record.provider, record.dueEpoch] as const),
    })),
    load: s.item(4, "load", LoadSchema),
    /** (epoch, deal, slot, MDU, leaf): blobs that were credited, forgotten when the epoch is over. */
    credited: s.keySet(5, "credited", k.tuple<readonly [bigint, bigint, number, number, number]>(k.u64, k.u64, k.u32, k.u32, k.u32)),
    proofsVerified: s.item(6, "proofs_verified", v.u64),
  };
}
