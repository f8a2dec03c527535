import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Params, ParamsSchema } from "nild/gen/nil/provider/v1/types_pb.js";
import { amount } from "nild/sdk";
import type { ProviderErrors } from "./errors.js";

export const DEFAULT_PARAMS = {
  minBond: "1000000000",
  bondPerGib: "100000000",
  unbondingBlocks: 100_000n,
  allowPrivateEndpoints: false,
  jailBelowHealth: 400,
} satisfies MessageInitShape<typeof ParamsSchema>;

/** Health is counted from 0 to this. */
export const FULL_HEALTH = 1_000;

/** @throws provider/10, sdk/10 */
export function checkParams(err: ProviderErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  if (amount(params.minBond) === 0n) throw err.InvalidParams("params.min_bond: 0; registering would be free");
  amount(params.bondPerGib);
  if (params.unbondingBlocks === 0n) throw err.InvalidParams("params.unbonding_blocks: 0; a bond must outlive its evidence");
  if (params.jailBelowHealth > FULL_HEALTH) throw err.InvalidParams(`params.jail_below_health: ${params.jailBelowHealth} is over ${FULL_HEALTH}`);
  return params;
}
