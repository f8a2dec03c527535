import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../bytes.js";
import { NilfsError } from "../errors.js";
import { CELLS_PER_BLOB } from "../profile.js";
import { decodeBase64 } from "../wasm.js";

/*
 * The Ethereum KZG ceremony's 4096 Lagrange points of G1, in the natural order of the domain, as affine coordinates:
 * x[48] ‖ y[48] each, big-endian. nilfs/kzg/setup.bin is the source; scripts/build_kernel.mjs wraps it as a module.
 */
const SETUP_SHA256 = "0x6758e7d4ec7e5f45c31441f7edc97eee5947f933a6479f4b283d1eaf86848397";
const POINT_BYTES = 96;

export type AffinePoint = { readonly x: Uint8Array; readonly y: Uint8Array };

/** Loads and checks the setup. @throws NilfsError `bad_setup`. */
export async function loadSetup(): Promise<AffinePoint[]> {
  const { base64 } = await import("nild/gen/wasm/kzg_setup.js");
  return parseSetup(decodeBase64(base64));
}

/** @throws NilfsError `bad_setup` unless the bytes are the ceremony's. */
export function parseSetup(bytes: Uint8Array): AffinePoint[] {
  const hash = toHex(sha256(bytes));
  if (hash !== SETUP_SHA256) throw new NilfsError("bad_setup", `trusted setup has sha256 ${hash}, expected ${SETUP_SHA256}: reinstall the package`);
  return Array.from({ length: CELLS_PER_BLOB }, (_, i) => ({
    x: bytes.subarray(i * POINT_BYTES, i * POINT_BYTES + 48),
    y: bytes.subarray(i * POINT_BYTES + 48, (i + 1) * POINT_BYTES),
  }));
}
