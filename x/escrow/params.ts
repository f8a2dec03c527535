import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Params, type ParamsSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { amount, dec } from "nild/sdk";
import type { EscrowErrors } from "./errors.js";
import { splitFee } from "./pricing.js";

export const DEFAULT_PARAMS = {
  storagePrice: "0.000000001",
  dealCreationFee: "1000000",
  baseRetrievalFee: "1000",
  retrievalPricePerBlob: "100",
  retrievalBurnBps: 500,
  unconfirmedBps: 5_000,
  monthBlocks: 2_592_000n,
} satisfies MessageInitShape<typeof ParamsSchema>;

const MAX_BPS = 10_000;

/** @throws escrow/10, sdk/10, sdk/18 */
export function checkParams(err: EscrowErrors, params: Params | undefined): Params {
  if (!params) throw err.InvalidParams("params: missing");
  dec(params.storagePrice);
  amount(params.dealCreationFee);
  amount(params.baseRetrievalFee);
  const perBlob = amount(params.retrievalPricePerBlob);
  for (const [name, bps] of [["retrieval_burn_bps", params.retrievalBurnBps], ["unconfirmed_bps", params.unconfirmedBps]] as const) {
    if (bps > MAX_BPS) throw err.InvalidParams(`params.${name}: ${bps} is over ${MAX_BPS}`);
  }
  if (params.monthBlocks === 0n) throw err.InvalidParams("params.month_blocks: 0");
  // Rounding may not eat the smallest fee: whoever serves one blob is paid for it (storage.md A4).
  if (splitFee(params, perBlob, "completed").paid === 0n) {
    throw err.InvalidParams(`params: of ${perBlob} unil per blob at a burn of ${params.retrievalBurnBps} bps a session of one blob would pay its provider 0`);
  }
  return params;
}
