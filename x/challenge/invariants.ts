import { type Invariant, SdkError } from "nild/sdk";
import { Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { MAX_HEALTH } from "./params.js";
import type { ChallengeEnv } from "./records.js";

export function invariants({ state, deps }: ChallengeEnv): Record<string, Invariant> {
  return {
    /** The running sums are the sums. */
    load_is_true(ctx) {
      let quotaSum = 0n;
      let entries = 0n;
      for (const [, record] of state.records.all(ctx)) {
        quotaSum += BigInt(record.quota);
        entries += 1n;
      }
      const load = state.load.get(ctx);
      if (load.quotaSum === quotaSum && load.entries === entries) return undefined;
      return `load says ${load.entries} entries and ${load.quotaSum} blobs, records have ${entries} and ${quotaSum}`;
    },
    /** Every entry is an ACTIVE slot with content, held by the provider that the entry names. */
    records_match_slots(ctx) {
      for (const [[dealId, slot], record] of state.records.all(ctx)) {
        const volume = deps.mode2.find(ctx, dealId);
        const held = volume?.slots[slot];
        if (!held || held.status !== SlotStatus.ACTIVE || held.provider !== record.provider || volume.generation === 0n) {
          return `slot ${slot} of deal ${dealId} is challenged as ${record.provider}'s, but it is not an ACTIVE one of theirs with content`;
        }
        if (record.dealId !== dealId || record.slot !== slot) return `entry ${dealId}/${slot} names ${record.dealId}/${record.slot}`;
        if (record.health > MAX_HEALTH) return `slot ${slot} of deal ${dealId} has health ${record.health}`;
      }
      return undefined;
    },
    /** Nothing is answered before it is due. */
    answers_are_due(ctx) {
      let current: bigint;
      try {
        current = deps.epoch.current(ctx).number;
      } catch (error) {
        if (error instanceof SdkError) return undefined; // before the first block
        throw error;
      }
      for (const [[dealId, slot], { answer, dueEpoch }] of state.records.all(ctx)) {
        if (answer !== Verdict.UNSPECIFIED && dueEpoch > current) return `slot ${slot} of deal ${dealId} has answered for epoch ${dueEpoch}`;
      }
      return undefined;
    },
  };
}
