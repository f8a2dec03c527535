import { type KeyObject, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { NodeError, errnoOf } from "../../errors.js";
import { createFileExclusive } from "../../files/atomic.js";
import { hex } from "../../hex.js";
import { consensusAddress } from "./hashes.js";

/** DER headers of an ed25519 seed (PKCS #8) and public key (SPKI), RFC 8410. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The operator's ed25519 key: it signs blocks. Kept in CometBFT's priv_validator_key.json format. */
export class ConsensusKey {
  readonly pubKey: Uint8Array;
  /** 20 bytes. */
  readonly address: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;

  constructor(seed: Uint8Array) {
    this.#seed = Uint8Array.from(seed);
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
    this.pubKey = createPublicKey(this.#key).export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
    this.address = consensusAddress(this.pubKey);
  }

  static generate(): ConsensusKey {
    return new ConsensusKey(randomBytes(32));
  }

  /** 64-byte ed25519 signature; the same message gives the same bytes. */
  sign(message: Uint8Array): Uint8Array {
    return sign(null, message, this.#key);
  }

  static async read(path: string): Promise<ConsensusKey> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      throw new NodeError("key.unreadable", `cannot read the consensus key ${path}: ${errnoOf(error) ?? "error"}`, "run `nild init`, or restore the file", { cause: error });
    }
    const key = parseKeyFile(text);
    if (key === undefined) {
      throw new NodeError("key.malformed", `${path} is not a consensus key file with a matching ed25519 key pair`, "restore it from a backup");
    }
    return key;
  }

  /** Fails with EEXIST if the file is there. */
  async write(path: string): Promise<void> {
    const file = {
      address: hex(this.address),
      pub_key: { type: "tendermint/PubKeyEd25519", value: Buffer.from(this.pubKey).toString("base64") },
      priv_key: { type: "tendermint/PrivKeyEd25519", value: Buffer.concat([this.#seed, this.pubKey]).toString("base64") },
    };
    await createFileExclusive(path, `${JSON.stringify(file, null, 2)}\n`);
  }
}

export function verifyEd25519(pubKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, pubKey]), format: "der", type: "spki" });
  return verify(null, message, key, signature);
}

/** undefined unless the file holds a 64-byte seed‖public key whose halves belong together. */
function parseKeyFile(text: string): ConsensusKey | undefined {
  try {
    const file = JSON.parse(text) as { priv_key?: { type?: unknown; value?: unknown } };
    if (file.priv_key?.type !== "tendermint/PrivKeyEd25519" || typeof file.priv_key.value !== "string") return undefined;
    const bytes = Buffer.from(file.priv_key.value, "base64");
    if (bytes.length !== 64) return undefined;
    const key = new ConsensusKey(bytes.subarray(0, 32));
    return bytes.subarray(32).equals(key.pubKey) ? key : undefined;
  } catch {
    return undefined;
  }
}
