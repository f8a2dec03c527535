import type { GenesisHandlers } from "nild/sdk";
import type { GenesisStateSchema } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { EpochErrors } from "./errors.js";
import { endOf } from "./keeper.js";
import { DEFAULT_PARAMS, checkParams } from "./params.js";
import type { EpochState } from "./state.js";

export function genesisHandlers(state: EpochState, err: EpochErrors): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, past: [] }),
    validate({ params, current, past }) {
      checkParams(err, params);
      if (!current && past.length > 0) throw err.InvalidGenesis("current: missing although past epochs are given");
      [...past, ...(current ? [current] : [])].forEach((epoch, i, all) => {
        const path = epoch === current ? "current" : `past[${i}]`;
        checkEpoch(err, epoch, path);
        const before = all[i - 1];
        if (before && (before.number + 1n !== epoch.number || endOf(before) > epoch.startHeight)) {
          throw err.InvalidGenesis(`${path}: epoch ${epoch.number} at ${epoch.startHeight} does not follow epoch ${before.number}`);
        }
      });
      return undefined;
    },
    init(ctx, { params, current, past }) {
      state.params.set(ctx, params!);
      if (current) state.current.set(ctx, current);
      for (const epoch of past) state.past.set(ctx, epoch.number, epoch);
      return undefined;
    },
    export(ctx) {
      const current = state.current.find(ctx);
      return { params: state.params.get(ctx), ...(current && { current }), past: [...state.past.all(ctx)].map(([, epoch]) => epoch) };
    },
  };
}

function checkEpoch(err: EpochErrors, epoch: Epoch, path: string): void {
  if (epoch.lengthBlocks === 0n) throw err.InvalidGenesis(`${path}.length_blocks: 0`);
  if (epoch.startHeight === 0n) throw err.InvalidGenesis(`${path}.start_height: 0, heights start at 1`);
  if (epoch.beacon.length !== 32) throw err.InvalidGenesis(`${path}.beacon: ${epoch.beacon.length} bytes, expected 32`);
}
