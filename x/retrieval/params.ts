import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { RetrievalErrors } from "./errors.js";

export const DEFAULT_PARAMS = {
  maxSessionBlocks: 1_000n,
  maxBlobsPerSession: 4_096n,
  maxDuePerBlock: 200,
  keepEndedBlocks: 1_000n,
} satisfies MessageInitShape<typeof ParamsSchema>;

const MAX_BLOCKS = 10_000_000n;
/** A slot of a full slab: 4,094 user MDUs of 64 rows (K = 1). */
export const MAX_BLOBS = 262_016n;
const MAX_DUE = 10_000;

/** Throws retrieval/InvalidParams, naming the field. */
export function checkParams(err: RetrievalErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  const range = (name: string, value: number | bigint, low: number | bigint, high: number | bigint): void => {
    if (value < low || value > high) throw err.InvalidParams(`params.${name}: ${value} is outside ${low} to ${high}`);
  };
  range("max_session_blocks", params.maxSessionBlocks, 1n, MAX_BLOCKS);
  range("max_blobs_per_session", params.maxBlobsPerSession, 1n, MAX_BLOBS);
  range("max_due_per_block", params.maxDuePerBlock, 1, MAX_DUE);
  range("keep_ended_blocks", params.keepEndedBlocks, 1n, MAX_BLOCKS);
  return params;
}
