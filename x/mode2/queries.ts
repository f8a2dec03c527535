import type { Query } from "nild/gen/nil/mode2/v1/query_pb.js";
import { type QueryHandlers, pageOf } from "nild/sdk";
import { getVolume } from "./lifecycle.js";
import { readinessTask } from "./readiness.js";
import { type Mode2Env, slotKey } from "./state.js";
import { hasCandidate, slotName } from "./volume.js";

export function queryHandlers(env: Mode2Env): QueryHandlers<typeof Query> {
  const { state, err, deps } = env;
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    volume: (ctx, { dealId }) => ({ volume: getVolume(env, ctx, dealId) }),
    assignments(ctx, { provider, pagination: request }) {
      const { items, pagination } = pageOf(
        request,
        slotKey,
        ({ after, reverse, limit }) =>
          state.holders.scan(ctx, { prefix: [provider], ...(after && { after: [provider, ...after] }), reverse, limit }),
        ([, dealId, slot]): [bigint, number] => [dealId, slot],
      );
      const assignments = items.map(([, dealId, index]) => {
        const slot = getVolume(env, ctx, dealId).slots[index];
        return { dealId, slot: index, candidate: slot?.candidate === provider };
      });
      return { assignments, pagination };
    },
    readiness(ctx, { dealId, slot: index }) {
      const volume = getVolume(env, ctx, dealId);
      const slot = volume.slots[index];
      if (!slot || !hasCandidate(slot) || volume.generation === 0n) throw err.NotCandidate(`${slotName(volume, index)} has no candidate`);
      const { epoch, generation, z, positions } = readinessTask(volume, slot, deps.epoch.current(ctx));
      return { epoch, generation, z, positions: [...positions] };
    },
  };
}
