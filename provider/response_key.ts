import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { ClientError } from "nild/client";

/** PKCS#8 and SPKI frames of a raw ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX_BYTES = 12;

/** The key that signs acks and served blobs; its public half is on record on chain. */
export class ResponseKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  /** @param seed 32 bytes. @throws ClientError `bad_key`. */
  constructor(seed: Uint8Array) {
    if (seed.length !== 32) throw new ClientError("bad_key", `a response key of ${seed.length} bytes`, "give an ed25519 seed of 32 bytes");
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
    this.publicKey = Uint8Array.from(createPublicKey(this.#key).export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX_BYTES));
  }

  /** 64 bytes. */
  sign(digest: Uint8Array): Uint8Array {
    return Uint8Array.from(sign(null, digest, this.#key));
  }
}
