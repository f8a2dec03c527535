import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/vault/v1/types_pb.js";
import type { VaultErrors } from "./errors.js";

// #region params
export const DEFAULT_PARAMS = { maxBlocks: 1_000_000n, maxReleasesPerBlock: 100 } satisfies MessageInitShape<typeof ParamsSchema>;

/** Keeps every release height far inside 64 bits. */
const MAX_BLOCKS = 1_000_000_000n;
/** What one block may release must fit into its time. */
const MAX_RELEASES = 1_000;

/** @throws vault/6 InvalidParams, naming the field */
export function checkParams(err: VaultErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  const { maxBlocks, maxReleasesPerBlock } = params;
  if (maxBlocks < 1n || maxBlocks > MAX_BLOCKS) throw err.InvalidParams(`params.max_blocks: ${maxBlocks} is outside 1 to ${MAX_BLOCKS}`);
  if (maxReleasesPerBlock < 1 || maxReleasesPerBlock > MAX_RELEASES) {
    throw err.InvalidParams(`params.max_releases_per_block: ${maxReleasesPerBlock} is outside 1 to ${MAX_RELEASES}`);
  }
  return params;
}
// #endregion
