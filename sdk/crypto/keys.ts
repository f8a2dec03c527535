import { sdkErr } from "../errors.js";
import { ED25519_TYPE_URL, Ed25519PubKey } from "./ed25519.js";
import { SECP256K1_TYPE_URL, Secp256k1PubKey, type Secp256k1Verifier } from "./secp256k1.js";

/** A public key that can sign transactions. */
export interface PubKey {
  /** Type URL of the protobuf message that carries it, e.g. "/cosmos.crypto.secp256k1.PubKey". */
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
  /** 20 bytes. */
  address(): Uint8Array;
  /** Throws sdk/8 unless the key is a usable point. Costly: once, when an account's key is first stored. */
  assertOnCurve(): undefined;
  /** Strict: one accepted signature per signer and message (low-S, canonical scalars). Never throws. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** The key of a protobuf PubKey message. Throws sdk/8 for other kinds and malformed keys. */
export function publicKey(typeUrl: string, bytes: Uint8Array, verifySecp256k1?: Secp256k1Verifier): PubKey {
  switch (typeUrl) {
    case SECP256K1_TYPE_URL:
      return new Secp256k1PubKey(bytes, verifySecp256k1);
    case ED25519_TYPE_URL:
      return new Ed25519PubKey(bytes);
    default:
      throw sdkErr.InvalidPubKey(`${typeUrl} is not a key that signs transactions here`);
  }
}
