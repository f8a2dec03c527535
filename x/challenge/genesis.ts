import { type GenesisHandlers, addressFromString } from "nild/sdk";
import type { GenesisStateSchema } from "nild/gen/nil/challenge/v1/genesis_pb.js";
import { Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { ChallengeErrors } from "./errors.js";
import { DEFAULT_PARAMS, MAX_HEALTH, MAX_QUOTA, checkParams } from "./params.js";
import type { ChallengeState } from "./state.js";

export function genesisHandlers(state: ChallengeState, err: ChallengeErrors): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, load: {} }),
    validate({ params, records, load, credited }) {
      checkParams(err, params);
      const seen = new Set<string>();
      let quotaSum = 0n;
      records.forEach((record, i) => {
        const path = `records[${i}]`;
        const key = `${record.dealId}/${record.slot}`;
        if (seen.has(key)) throw err.InvalidGenesis(`${path}: slot ${record.slot} of deal ${record.dealId} twice`);
        seen.add(key);
        addressFromString(record.provider);
        if (record.health > MAX_HEALTH) throw err.InvalidGenesis(`${path}.health: ${record.health} is over ${MAX_HEALTH}`);
        if (record.quota > MAX_QUOTA) throw err.InvalidGenesis(`${path}.quota: ${record.quota} is over ${MAX_QUOTA}`);
        if (record.answer === Verdict.MISSING || Verdict[record.answer] === undefined) throw err.InvalidGenesis(`${path}.answer: not an answer`);
        quotaSum += BigInt(record.quota);
      });
      if (!load || load.entries !== BigInt(records.length) || load.quotaSum !== quotaSum) {
        throw err.InvalidGenesis(`load: expected ${records.length} entries and a quota sum of ${quotaSum}`);
      }
      const blobs = new Set(credited.map(({ epoch, dealId, slot, mduIndex, leafIndex }) => [epoch, dealId, slot, mduIndex, leafIndex].join("/")));
      if (blobs.size !== credited.length) throw err.InvalidGenesis("credited: a blob twice");
      return undefined;
    },
    init(ctx, genesis) {
      state.params.set(ctx, genesis.params!);
      state.load.set(ctx, genesis.load!);
      state.proofsVerified.set(ctx, genesis.proofsVerified);
      for (const record of genesis.records) state.records.set(ctx, [record.dealId, record.slot], record);
      for (const { epoch, dealId, slot, mduIndex, leafIndex } of genesis.credited) state.credited.add(ctx, [epoch, dealId, slot, mduIndex, leafIndex]);
      return undefined;
    },
    export: (ctx) => ({
      params: state.params.get(ctx),
      records: [...state.records.all(ctx)].map(([, record]) => record),
      load: state.load.get(ctx),
      credited: [...state.credited.all(ctx)].map(([epoch, dealId, slot, mduIndex, leafIndex]) => ({ epoch, dealId, slot, mduIndex, leafIndex })),
      proofsVerified: state.proofsVerified.get(ctx),
    }),
  };
}
