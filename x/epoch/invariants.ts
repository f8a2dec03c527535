import type { Invariant } from "nild/sdk";
import { endOf } from "./keeper.js";
import type { EpochState } from "./state.js";

export function invariants(state: EpochState): Record<string, Invariant> {
  return {
    /** The ring and the current epoch are consecutive in number and in height. */
    epochs_follow(ctx) {
      const current = state.current.find(ctx);
      const epochs = [...state.past.all(ctx)].map(([, epoch]) => epoch);
      if (!current) return epochs.length === 0 ? undefined : "past epochs without a current one";
      epochs.push(current);
      for (const [i, epoch] of epochs.entries()) {
        const next = epochs[i + 1];
        if (next && (next.number !== epoch.number + 1n || next.startHeight < endOf(epoch))) {
          return `epoch ${next.number} at ${next.startHeight} does not follow epoch ${epoch.number} of ${epoch.startHeight} + ${epoch.lengthBlocks}`;
        }
      }
      return undefined;
    },
  };
}
