import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { sdkErr } from "../errors.js";
import { sha256 } from "./hash.js";
import type { PubKey } from "./keys.js";

export const ED25519_TYPE_URL = "/cosmos.crypto.ed25519.PubKey";
const KEY_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;

/** Little-endian bytes → integer. */
function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}

/**
 * RFC 8032 without the cofactor: S < L, and the encoding of S·B − k·A equals R's bytes. For keys of prime order (see
 * `assertOnCurve`) this is what OpenSSL decides too, so either may check.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH || key.length !== KEY_LENGTH) return false;
  const a = decodePoint(key);
  if (a === undefined || a.isSmallOrder()) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  const r = signature.subarray(0, 32);
  const hashed = sha512.create().update(r).update(key).update(message).digest();
  const k = littleEndian(hashed) % Point.Fn.ORDER;
  const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes();
  return expected.every((byte, i) => byte === r[i]);
}

/** An ed25519 key. Its address is the first 20 bytes of SHA-256(key). */
export class Ed25519PubKey implements PubKey {
  readonly typeUrl = ED25519_TYPE_URL;

  /** Throws sdk/8 unless `bytes` has 32 bytes. */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length !== KEY_LENGTH) throw sdkErr.InvalidPubKey(`an ed25519 key has 32 bytes, got ${bytes.length}`);
  }

  address(): Uint8Array {
    return sha256(this.bytes).slice(0, 20);
  }

  assertOnCurve(): undefined {
    const point = decodePoint(this.bytes);
    if (point === undefined) throw sdkErr.InvalidPubKey("ed25519 key is not a canonical point of the curve");
    if (point.is0() || !point.isTorsionFree()) throw sdkErr.InvalidPubKey("ed25519 key is not of prime order");
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return verifyEd25519(signature, message, this.bytes);
  }
}

/** Signs with a 32-byte seed: 64 bytes R ‖ S. */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/** 32-byte seed → 32-byte public key. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}
