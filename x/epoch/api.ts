import type { ReadCtx } from "nild/sdk";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";

/** What the epoch clock offers. Each call reads one entry. */
export interface EpochApi {
  /** The epoch that this block belongs to. Throws epoch/NotStarted before the first block. */
  current(ctx: ReadCtx): Epoch;
  /** The current epoch or one of the ring; undefined when it is still to come or no longer kept. */
  find(ctx: ReadCtx, number: bigint): Epoch | undefined;
}
