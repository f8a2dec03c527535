import { type AnteStep, STATELESS_ANTE } from "nild/sdk";
import type { AuthApi, FeePort } from "../api.js";
import { type FeeRules, fee } from "./fee.js";
import { memoAndSize } from "./limits.js";
import { setPublicKeys } from "./public_key.js";
import { signatures } from "./signature.js";

/** Every step between a decoded transaction and its messages, in the order of this module's README. */
export function anteSteps(auth: AuthApi, bank: FeePort, rules: FeeRules): readonly AnteStep[] {
  return [
    ...STATELESS_ANTE,
    memoAndSize(auth),
    fee(auth, bank, rules),
    setPublicKeys(auth),
    signatures(auth),
  ];
}
