import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { Mode2Errors } from "./errors.js";

export const DEFAULT_PARAMS = {
  maxK: 16,
  maxSlots: 32,
  maxSlotsPerDomain: 2,
  bootstrapProviders: 64,
  placementTries: 256,
  repairTimeoutBlocks: 200n,
  repairTries: 5,
  maxRepairsPerEpoch: 64,
  maxDuePerBlock: 32,
} satisfies MessageInitShape<typeof ParamsSchema>;

/** What the code and its bounds are made for; the format itself would allow 128 slots. */
const BOUNDS = {
  maxK: [1, 16],
  maxSlots: [2, 32],
  maxSlotsPerDomain: [1, 32],
  bootstrapProviders: [0, 1_000_000],
  placementTries: [1, 1_024],
  repairTries: [1, 100],
  maxRepairsPerEpoch: [1, 100_000],
  maxDuePerBlock: [1, 1_000],
} as const;

/** A repair may take a day of one-second blocks, not years. */
const MAX_TIMEOUT_BLOCKS = 1_000_000n;

/** @throws mode2/26 */
export function checkParams(err: Mode2Errors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  for (const [field, [least, most]] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, readonly [number, number]][]) {
    if (params[field] < least || params[field] > most) throw err.InvalidParams(`params.${field}: ${params[field]} is outside ${least} to ${most}`);
  }
  if (params.repairTimeoutBlocks < 1n || params.repairTimeoutBlocks > MAX_TIMEOUT_BLOCKS) {
    throw err.InvalidParams(`params.repairTimeoutBlocks: ${params.repairTimeoutBlocks} is outside 1 to ${MAX_TIMEOUT_BLOCKS}`);
  }
  return params;
}
