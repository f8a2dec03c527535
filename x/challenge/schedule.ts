import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { quoDown, quoUp, sha256 } from "nild/sdk";
import type { Load, Params } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";

/*
 * When a slot must answer (storage A5). Epoch numbers and heights are bigint; heights beyond the current epoch are
 * computed with its length, so a later change of the length shifts them.
 */

/** Epochs between two challenges of a slot: as many as it takes to verify Σ quotas at proofs_per_epoch. */
export function periodOf(params: Params, load: Load): bigint {
  const needed = quoUp(load.quotaSum, params.proofsPerEpoch);
  return needed > params.minPeriodEpochs ? needed : params.minPeriodEpochs;
}

/** e + 1 + (U64(SHA256("nil/first-due/v1" ‖ R_e ‖ U64 deal ‖ U64 slot)[0..8]) mod period), not past the last whole epoch. */
export function firstDue(epoch: Epoch, dealId: bigint, slot: number, period: bigint, endHeight: bigint): bigint {
  const ids = new DataView(new ArrayBuffer(16));
  ids.setBigUint64(0, dealId);
  ids.setBigUint64(8, BigInt(slot));
  const hash = sha256(concatBytes(utf8ToBytes("nil/first-due/v1"), epoch.beacon, new Uint8Array(ids.buffer)));
  const spread = new DataView(hash.buffer, hash.byteOffset, 8).getBigUint64(0) % period;
  const first = epoch.number + 1n;
  return notPast(lastWholeEpoch(epoch, endHeight), first + spread, first);
}

/**
 * The due epoch after `last`, given in `epoch` at `height`. Never one whose first quarter is over, so that a sweep that
 * lags costs nobody a verdict.
 */
export function nextDue(epoch: Epoch, height: bigint, last: bigint, period: bigint, endHeight: bigint): bigint {
  const due = notPast(lastWholeEpoch(epoch, endHeight), last + period, last + 1n);
  const earliest = height < epoch.startHeight + quoUp(epoch.lengthBlocks, 4n) ? epoch.number : epoch.number + 1n;
  return due > earliest ? due : earliest;
}

/** The deal's last epoch that ends with it still held: its verdict comes at or before `endHeight`. */
export function lastWholeEpoch(epoch: Epoch, endHeight: bigint): bigint {
  return epoch.number - 1n + quoDown(endHeight - epoch.startHeight, epoch.lengthBlocks);
}

/** Answers from this height on are late: the last quarter of the epoch. */
export function lateFrom(epoch: Epoch): bigint {
  return epoch.startHeight + quoUp(3n * epoch.lengthBlocks, 4n);
}

/** The last height of the epoch. */
export function lastHeight(epoch: Epoch): bigint {
  return epoch.startHeight + epoch.lengthBlocks - 1n;
}

/** `due`, or the deal's last whole epoch if that comes first; past that only the broken rest, where an answer is voluntary. */
function notPast(lastWhole: bigint, due: bigint, earliest: bigint): bigint {
  if (due <= lastWhole) return due;
  return lastWhole > earliest ? lastWhole : earliest;
}
