import type { GenesisStateSchema } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { type ExecCtx, type GenesisHandlers, addressFromString } from "nild/sdk";
import type { Mode2Errors } from "./errors.js";
import { DEFAULT_PARAMS, checkParams } from "./params.js";
import { volumeFault } from "./invariants.js";
import type { Mode2Env } from "./state.js";
import { hasOtherCandidate, queuedSlots, spareSlots } from "./volume.js";

export function genesisHandlers(env: Mode2Env): GenesisHandlers<typeof GenesisStateSchema> {
  const { state, err } = env;
  return {
    default: () => ({ params: DEFAULT_PARAMS, volumes: [], repairs: [], jailed: [] }),

    validate({ params, volumes, repairs, jailed }) {
      checkParams(err, params);
      const waiting = new Map<string, number>();
      for (const [i, volume] of volumes.entries()) {
        const path = `volumes[${i}]`;
        if (volume.dealId <= (volumes[i - 1]?.dealId ?? 0n)) throw err.InvalidGenesis(`${path}.deal_id: ${volume.dealId} is 0, given twice or out of order`);
        checkVolume(err, volume, path);
        for (const slot of queuedSlots(volume)) waiting.set(`${volume.dealId}/${slot.slot}`, spareSlots(volume));
      }
      for (const [i, { dealId, slot, spareSlots: spare }] of repairs.entries()) {
        const expected = waiting.get(`${dealId}/${slot}`);
        if (expected === undefined) throw err.InvalidGenesis(`repairs[${i}]: slot ${slot} of deal ${dealId} does not wait for a candidate or is given twice`);
        if (spare !== expected) throw err.InvalidGenesis(`repairs[${i}].spare_slots: ${spare}, deal ${dealId} has ${expected} to spare`);
        waiting.delete(`${dealId}/${slot}`);
      }
      const missing = [...waiting.keys()][0];
      if (missing !== undefined) throw err.InvalidGenesis(`repairs: the slot ${missing} waits for a candidate and is not queued`);
      const seen = new Set<string>();
      for (const [i, { provider }] of jailed.entries()) {
        addressFromString(provider);
        if (seen.has(provider)) throw err.InvalidGenesis(`jailed[${i}]: ${provider} is given twice`);
        seen.add(provider);
      }
      return undefined;
    },

    init(ctx, { params, volumes, repairs, repairBudget, jailed }) {
      state.params.set(ctx, params!);
      for (const volume of volumes) initVolume(env, ctx, volume);
      for (const queued of repairs) state.repairs.set(ctx, [queued.dealId, queued.slot], queued);
      if (repairBudget) state.repairBudget.set(ctx, repairBudget);
      for (const { provider, nextDealId } of jailed) state.jailed.set(ctx, provider, nextDealId);
      return undefined;
    },

    export(ctx) {
      const repairBudget = state.repairBudget.find(ctx);
      const repairs = state.repairs.by.bySpare.scan(ctx, { limit: Infinity }).map((key) => state.repairs.get(ctx, key));
      return {
        params: state.params.get(ctx),
        volumes: [...state.volumes.all(ctx)].map(([, volume]) => volume),
        repairs,
        ...(repairBudget && { repairBudget }),
        jailed: [...state.jailed.all(ctx)].map(([provider, nextDealId]) => ({ provider, nextDealId })),
      };
    },
  };
}

function checkVolume(err: Mode2Errors, volume: Volume, path: string): undefined {
  addressFromString(volume.owner);
  const fault = volumeFault(volume);
  if (fault !== undefined) throw err.InvalidGenesis(`${path}: ${fault}`);
}

/** Holders and deadlines follow from the slots. */
function initVolume({ state }: Mode2Env, ctx: ExecCtx, volume: Volume): undefined {
  state.volumes.set(ctx, volume.dealId, volume);
  for (const slot of volume.slots) {
    if (slot.provider !== "") state.holders.add(ctx, [slot.provider, volume.dealId, slot.slot]);
    if (hasOtherCandidate(slot)) state.holders.add(ctx, [slot.candidate, volume.dealId, slot.slot]);
    if (slot.repairDeadlineHeight !== 0n) state.deadlines.add(ctx, [slot.repairDeadlineHeight, volume.dealId, slot.slot]);
  }
}
