import { Status } from "nild/gen/nil/deal/v1/types_pb.js";
import type { Invariant } from "nild/sdk";
import type { DealEnv } from "./state.js";

export function invariants({ state, deps }: DealEnv): Record<string, Invariant> {
  return {
    /** Every deal has its volume and its account, and the three agree on owner and end. */
    parts_agree(ctx) {
      for (const [id, deal] of state.deals.all(ctx)) {
        const volume = deps.mode2.find(ctx, id);
        const account = deps.escrow.find(ctx, id);
        if (!volume || !account) return `deal ${id} lacks its ${volume ? "account" : "volume"}`;
        if (volume.owner !== deal.owner || account.owner !== deal.owner) return `deal ${id}: its volume or account has another owner`;
        const isPlaced = deal.status === Status.OPEN;
        if (volume.endHeight !== deal.endHeight || (isPlaced && account.endHeight !== deal.endHeight)) return `deal ${id}: its volume or account ends elsewhere`;
        if (isPlaced !== volume.slots.length > 0 || volume.slots.length !== account.slots) return `deal ${id}: status ${deal.status} with ${volume.slots.length} slots, ${account.slots} paid`;
      }
      return undefined;
    },

    /** Each deal waits in exactly one queue; ids lie below the next one. */
    queues_agree(ctx) {
      const placing = new Set(state.placing.all(ctx));
      const closing = new Map([...state.closings.all(ctx)].map(([height, id]) => [id, height]));
      for (const [id, deal] of state.deals.all(ctx)) {
        if (id >= state.nextId.peek(ctx)) return `deal ${id} is not below the next id`;
        const dueAt = closing.get(id);
        if (placing.delete(id) !== (deal.status === Status.PLACING)) return `deal ${id} of status ${deal.status} is in the wrong queue`;
        if (deal.status === Status.OPEN && (dueAt === undefined || dueAt < deal.endHeight)) return `deal ${id} is not due at its end`;
        closing.delete(id);
      }
      return placing.size === 0 && closing.size === 0 ? undefined : "a queue holds a deal that is gone";
    },
  };
}
