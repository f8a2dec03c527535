import { type AnteStep, STATELESS_ANTE } from "nild/sdk";
import type { AuthApi, FeePort } from "../api.js";
import { type FeeRules, fee } from "./fee.js";
import { memo, signatureCount, sizeGas } from "./limits.js";
import { setPublicKeys } from "./public_key.js";
import { bumpSequences, signatureGas, verifySignatures } from "./signature.js";

/** Every step between a decoded transaction and its messages, in order; the numbers of compat §4 are at each step. */
export function anteSteps(auth: AuthApi, bank: FeePort, rules: FeeRules): readonly AnteStep[] {
  return [
    ...STATELESS_ANTE,
    memo(auth),
    sizeGas(auth),
    fee(auth, bank, rules),
    setPublicKeys(auth),
    signatureCount(auth),
    signatureGas(auth),
    verifySignatures(auth),
    bumpSequences(auth),
  ];
}
