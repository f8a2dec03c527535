import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/deal/v1/types_pb.js";
import type { DealErrors } from "./errors.js";

export const DEFAULT_PARAMS = {
  minDurationBlocks: 100n,
  maxDurationBlocks: 157_680_000n,
  maxDuePerBlock: 32,
} satisfies MessageInitShape<typeof ParamsSchema>;

const MAX_DUE = 1_000;

/** @throws deal/10 */
export function checkParams(err: DealErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  const { minDurationBlocks: least, maxDurationBlocks: most, maxDuePerBlock } = params;
  // A deal is placed in the block after its request and must live on from there.
  if (least < 2n || least > most) throw err.InvalidParams(`params: durations from ${least} to ${most}; expected 2 or more, and the least first`);
  if (maxDuePerBlock < 1 || maxDuePerBlock > MAX_DUE) throw err.InvalidParams(`params.max_due_per_block: ${maxDuePerBlock} is outside 1 to ${MAX_DUE}`);
  return params;
}
