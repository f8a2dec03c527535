import { createRequire } from "node:module";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type * as Addon from "secp256k1";

/** Key (33, compressed) ‖ R ‖ S (64) ‖ digest (32), as the check "sig.secp256k1" has it. */
export const SECP256K1_INPUT_BYTES = 129;

export type Secp256k1Verify = (input: Uint8Array) => boolean;

export interface Secp256k1Implementation {
  readonly name: "native" | "portable";
  readonly verify: Secp256k1Verify;
}

/**
 * libsecp256k1 if its prebuilt addon loads, else the portable code, 25 times slower. The addon is asked for by its own
 * path, because the package falls back to a slow one in silence. Both refuse high-S and out-of-range signatures.
 */
export function loadSecp256k1(): Secp256k1Implementation {
  try {
    const native = createRequire(import.meta.url)("secp256k1/bindings.js") as Pick<typeof Addon, "ecdsaVerify">;
    return { name: "native", verify: guarded((signature, digest, key) => native.ecdsaVerify(signature, digest, key)) };
  } catch {
    return PORTABLE;
  }
}

export const PORTABLE: Secp256k1Implementation = {
  name: "portable",
  verify: guarded((signature, digest, key) => secp256k1.verify(signature, digest, key, { prehash: false, lowS: true, format: "compact" })),
};

/** Malformed keys and signatures make the libraries throw; here they are just not valid. */
function guarded(verify: (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) => boolean): Secp256k1Verify {
  return (input) => {
    if (input.length !== SECP256K1_INPUT_BYTES) return false;
    try {
      // The addon wants plain views, not Buffers over a shared pool.
      return verify(input.slice(33, 97), input.slice(97), input.slice(0, 33));
    } catch {
      return false;
    }
  };
}
