import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { ChallengeErrors } from "./errors.js";

/** Storage A5; the adversary simulator decides on better ones. */
export const DEFAULT_PARAMS = {
  minPeriodEpochs: 1n,
  proofsPerEpoch: 10_000n,
  quotaBpsHot: 100,
  quotaBpsCold: 50,
  quotaMinBlobs: 2,
  quotaMaxBlobs: 63,
  creditCapBps: 5_000,
  healthStart: 1_000,
  healthOnTime: 20,
  healthLate: 20,
  healthMissing: 150,
  healthWrong: 1_000,
  repairBelowHealth: 400,
  slashWrongBps: 500,
  maxDuePerBlock: 200,
} satisfies MessageInitShape<typeof ParamsSchema>;

export const MAX_HEALTH = 1_000;
/** One more is the metadata position: 64 openings per slot at most. */
export const MAX_QUOTA = 63;
export const FULL_BPS = 10_000;
/** A period of millions of epochs would let a slot go unproved for the chain's lifetime. */
const MAX_PERIOD = 1_000_000n;
const MAX_DUE = 10_000;

/** Throws challenge/InvalidParams, naming the field. */
export function checkParams(err: ChallengeErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  const range = (name: string, value: number | bigint, low: number | bigint, high: number | bigint): void => {
    if (value < low || value > high) throw err.InvalidParams(`params.${name}: ${value} is outside ${low} to ${high}`);
  };
  range("min_period_epochs", params.minPeriodEpochs, 1n, MAX_PERIOD);
  range("proofs_per_epoch", params.proofsPerEpoch, 1n, 1n << 32n);
  range("quota_bps_hot", params.quotaBpsHot, 0, FULL_BPS);
  range("quota_bps_cold", params.quotaBpsCold, 0, FULL_BPS);
  range("quota_max_blobs", params.quotaMaxBlobs, 1, MAX_QUOTA);
  range("quota_min_blobs", params.quotaMinBlobs, 0, params.quotaMaxBlobs);
  range("credit_cap_bps", params.creditCapBps, 0, FULL_BPS);
  range("health_start", params.healthStart, 1, MAX_HEALTH);
  range("health_on_time", params.healthOnTime, 0, MAX_HEALTH);
  range("health_late", params.healthLate, 0, MAX_HEALTH);
  range("health_missing", params.healthMissing, 0, MAX_HEALTH);
  range("health_wrong", params.healthWrong, 0, MAX_HEALTH);
  // A slot that starts below the line would be evicted by its first verdict, right or not.
  range("repair_below_health", params.repairBelowHealth, 0, params.healthStart);
  range("slash_wrong_bps", params.slashWrongBps, 0, FULL_BPS);
  range("max_due_per_block", params.maxDuePerBlock, 1, MAX_DUE);
  return params;
}
