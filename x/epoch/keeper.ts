import { create } from "@bufbuild/protobuf";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type ExecCtx, sha256 } from "nild/sdk";
import { EventEpochStartedSchema } from "nild/gen/nil/epoch/v1/events_pb.js";
import { type Epoch, EpochSchema } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { EpochApi } from "./api.js";
import type { EpochErrors } from "./errors.js";
import type { EpochState } from "./state.js";

/** R_{-1}. */
const FIRST_SEED = new Uint8Array(32);
/** A shrunk ring is emptied in steps: one epoch start removes at most so many. */
const MAX_REMOVED = 16;

export interface EpochKeeper extends EpochApi {
  /** Starts an epoch at its first block. One read in other blocks. */
  advance(ctx: ExecCtx): undefined;
}

export function epochKeeper(state: EpochState, err: EpochErrors): EpochKeeper {
  return {
    current(ctx) {
      const epoch = state.current.find(ctx);
      if (!epoch) throw err.NotStarted("no block has been made yet");
      return epoch;
    },
    find(ctx, number) {
      const current = state.current.find(ctx);
      return current?.number === number ? current : state.past.find(ctx, number);
    },
    advance(ctx) {
      const last = state.current.find(ctx);
      if (!last) start(ctx, 0n, FIRST_SEED);
      else if (ctx.height >= endOf(last)) {
        state.past.set(ctx, last.number, last);
        start(ctx, last.number + 1n, last.beacon);
        trim(ctx, last.number + 1n);
      }
    },
  };

  function start(ctx: ExecCtx, number: bigint, previous: Uint8Array): void {
    const epoch = create(EpochSchema, {
      number,
      startHeight: ctx.height,
      lengthBlocks: state.params.get(ctx).lengthBlocks,
      beacon: beacon(ctx.chainId, number, previous, ctx.block.hash),
    });
    state.current.set(ctx, epoch);
    ctx.emit(EventEpochStartedSchema, { number, startHeight: epoch.startHeight, lengthBlocks: epoch.lengthBlocks, beacon: epoch.beacon });
  }

  function trim(ctx: ExecCtx, current: bigint): void {
    const oldest = current - BigInt(state.params.get(ctx).ringSize);
    if (oldest <= 0n) return;
    for (const number of state.past.keys(ctx, { end: oldest, limit: MAX_REMOVED })) state.past.remove(ctx, number);
  }
}

/**
 * R_e = SHA256("nilstore/epoch/v1" ‖ U16 length ‖ chain_id ‖ U64 e ‖ R_{e−1}[32] ‖ X_e[32]), X_e = hash of e's first
 * block, R_{−1} = zeros (storage A5).
 */
export function beacon(chainId: string, number: bigint, previous: Uint8Array, blockHash: Uint8Array): Uint8Array {
  if (blockHash.length !== 32) throw new Error(`epoch ${number}: its first block's hash has ${blockHash.length} bytes, expected 32`);
  const id = utf8ToBytes(chainId);
  const numbers = new DataView(new ArrayBuffer(10));
  numbers.setUint16(0, id.length);
  numbers.setBigUint64(2, number);
  const bytes = new Uint8Array(numbers.buffer);
  return sha256(concatBytes(utf8ToBytes("nilstore/epoch/v1"), bytes.subarray(0, 2), id, bytes.subarray(2), previous, blockHash));
}

/** The height after the epoch's last one. */
export function endOf(epoch: Epoch): bigint {
  return epoch.startHeight + epoch.lengthBlocks;
}

