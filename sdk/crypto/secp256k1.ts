import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { sdkErr } from "../errors.js";
import { sha256 } from "./hash.js";
import type { PubKey } from "./keys.js";

export const SECP256K1_TYPE_URL = "/cosmos.crypto.secp256k1.PubKey";
const KEY_LENGTH = 33;
const SIGNATURE_LENGTH = 64;

/** The group order n and its half, big-endian. */
const ORDER = hexToBytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const HALF_ORDER = hexToBytes("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/**
 * Decides whether `signature` (R ‖ S, 64 bytes, already known to be in range and low-S) of `digest` (32 bytes) is by
 * `key` (33 bytes, compressed). Never throws; a key off the curve gives false. Every implementation gives the same
 * verdict, so a faster one may stand in.
 */
export type Secp256k1Verifier = (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) => boolean;

/** The reference verifier. */
export const verifySecp256k1Digest: Secp256k1Verifier = (signature, digest, key) => {
  try {
    return secp256k1.verify(signature, digest, key, { prehash: false, lowS: true, format: "compact" });
  } catch {
    return false;
  }
};

/** True for 64 bytes R ‖ S with 0 < R < n and 0 < S ≤ n/2, the only form that is accepted. */
export function isCanonicalSecp256k1Signature(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32);
  return !isZero(r) && !isZero(s) && compare(r, ORDER) < 0 && compare(s, HALF_ORDER) <= 0;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Big-endian comparison of equal lengths. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

/** A compressed secp256k1 key. Its address is RIPEMD-160(SHA-256(key)). */
export class Secp256k1PubKey implements PubKey {
  readonly typeUrl = SECP256K1_TYPE_URL;
  readonly #verify: Secp256k1Verifier;

  /** Throws sdk/8 unless `bytes` has the form of a compressed key; whether it is on the curve, `assertOnCurve` says. */
  constructor(
    readonly bytes: Uint8Array,
    verify: Secp256k1Verifier = verifySecp256k1Digest,
  ) {
    if (bytes.length !== KEY_LENGTH || (bytes[0] !== 2 && bytes[0] !== 3)) {
      throw sdkErr.InvalidPubKey(`a secp256k1 key has 33 bytes and begins with 02 or 03, got ${bytes.length} bytes`);
    }
    this.#verify = verify;
  }

  address(): Uint8Array {
    return ripemd160(sha256(this.bytes));
  }

  assertOnCurve(): undefined {
    try {
      secp256k1.Point.fromBytes(this.bytes);
    } catch {
      throw sdkErr.InvalidPubKey("secp256k1 key is not a point of the curve");
    }
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return isCanonicalSecp256k1Signature(signature) && this.#verify(signature, sha256(message), this.bytes);
  }
}

/** Signs SHA-256(message): 64 bytes R ‖ S, low-S, the same every time (RFC 6979). */
export function signSecp256k1(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  return secp256k1.sign(sha256(message), privateKey, { prehash: false, lowS: true, format: "compact" });
}

/** 32-byte private key → 33-byte compressed public key. */
export function secp256k1PublicKey(privateKey: Uint8Array): Uint8Array {
  return secp256k1.getPublicKey(privateKey, true);
}
