import type { Params } from "nild/gen/cosmos/bank/v1beta1/bank_pb.js";
import { sdkErr } from "nild/sdk";

export const DEFAULT_PARAMS = { sendEnabled: [], defaultSendEnabled: true };

/** Throws sdk/18. */
export function validateParams(params: Params | undefined, path = "bank.params"): undefined {
  if (!params) throw sdkErr.InvalidRequest(`${path}: missing`);
  if (params.sendEnabled.length > 0) throw sdkErr.InvalidRequest(`${path}.send_enabled: deprecated; use bank.send_enabled`);
}
