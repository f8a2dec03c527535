import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { EpochErrors } from "./errors.js";

export const DEFAULT_PARAMS = { lengthBlocks: 100n, ringSize: 64 } satisfies MessageInitShape<typeof ParamsSchema>;

/** An epoch of years would stop every due queue that counts epochs. */
const MAX_LENGTH_BLOCKS = 1_000_000n;
/** A candidate proves against the current epoch or the one before, so one past epoch must be readable. */
const MIN_RING = 1;
const MAX_RING = 10_000;

/** Throws epoch/InvalidParams. */
export function checkParams(err: EpochErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  if (params.lengthBlocks < 1n || params.lengthBlocks > MAX_LENGTH_BLOCKS) {
    throw err.InvalidParams(`params.length_blocks: ${params.lengthBlocks} is outside 1 to ${MAX_LENGTH_BLOCKS}`);
  }
  if (params.ringSize < MIN_RING || params.ringSize > MAX_RING) {
    throw err.InvalidParams(`params.ring_size: ${params.ringSize} is outside ${MIN_RING} to ${MAX_RING}`);
  }
  return params;
}
