import type { Params } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { sdkErr } from "nild/sdk";

export const DEFAULT_PARAMS = {
  maxMemoCharacters: 256n,
  txSigLimit: 7n,
  txSizeCostPerByte: 10n,
  sigVerifyCostEd25519: 590n,
  sigVerifyCostSecp256k1: 1_000n,
} as const;

/** Bounds keep a vote from bricking the chain: every transaction must stay possible and priced. */
const BOUNDS = {
  maxMemoCharacters: [1n, 65_536n],
  txSigLimit: [1n, 64n],
  txSizeCostPerByte: [1n, 10_000n],
  sigVerifyCostEd25519: [1n, 10_000_000n],
  sigVerifyCostSecp256k1: [1n, 10_000_000n],
} as const;

/** Throws sdk/18 naming the parameter. */
export function validateParams(params: Params | undefined, path = "auth.params"): undefined {
  if (!params) throw sdkErr.InvalidRequest(`${path}: missing`);
  for (const [name, [min, max]] of Object.entries(BOUNDS)) {
    const value = params[name as keyof typeof BOUNDS];
    if (value < min || value > max) throw sdkErr.InvalidRequest(`${path}.${name}: ${value} is outside ${min}..${max}`);
  }
}
