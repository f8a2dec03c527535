import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { keyringErr } from "./errors.js";

/** scrypt's memory is 128·N·r bytes: 128 MiB here. */
const SCRYPT = { n: 131_072, r: 8, p: 1 };
const MIN_N = 131_072;
const MAX_N = 1_048_576;
const MAX_P = 4;
const MAX_MEMORY = 2 * 128 * MAX_N * SCRYPT.r;
const VERSION = 1;
const PRIVATE_KEY_BYTES = 32;

/** A key as its file holds it: what anyone may read, and the private key, sealed or (backend `test`) plain. */
export interface KeyFile {
  readonly version: typeof VERSION;
  readonly name: string;
  readonly address: string;
  /** Compressed secp256k1, base64. */
  readonly pub_key: string;
  readonly secret: PlainSecret | SealedSecret;
  /** SHA-256 of all above, hex: tells a damaged file from a wrong passphrase. */
  readonly checksum: string;
}

interface PlainSecret {
  readonly cipher: "none";
  readonly data: string;
}

interface SealedSecret {
  readonly cipher: "aes-256-gcm";
  readonly kdf: "scrypt";
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
  /** Ciphertext ‖ 16-byte tag, base64. */
  readonly data: string;
}

export interface KeyMetadata {
  readonly name: string;
  readonly address: string;
  readonly pubKey: Uint8Array;
}

/** `passphrase` undefined: written plain, for the `test` backend only. */
export async function sealKey(key: KeyMetadata, privateKey: Uint8Array, passphrase: string | undefined): Promise<KeyFile> {
  const body = {
    version: VERSION,
    name: key.name,
    address: key.address,
    pub_key: Buffer.from(key.pubKey).toString("base64"),
    secret: passphrase === undefined ? { cipher: "none" as const, data: Buffer.from(privateKey).toString("base64") } : await seal(privateKey, passphrase, key.address),
  } as const;
  return { ...body, checksum: checksum(body) };
}

/** The private key. The caller zeroes it after use. */
export async function openKey(file: KeyFile, source: string, passphrase: () => Promise<string>): Promise<Uint8Array> {
  const { secret } = file;
  if (secret.cipher === "none") return privateKeyBytes(Buffer.from(secret.data, "base64"), source);
  const key = await derive(await passphrase(), secret);
  const sealed = Buffer.from(secret.data, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(secret.nonce, "base64"));
  decipher.setAAD(Buffer.from(file.address, "utf8"));
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return privateKeyBytes(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]), source);
  } catch {
    throw keyringErr.wrongPassphrase();
  } finally {
    key.fill(0);
  }
}

/** Checks form, bounds and checksum before anything costly is done with the content. */
export function parseKeyFile(text: string, source: string): KeyFile {
  let file: KeyFile;
  try {
    file = JSON.parse(text) as KeyFile;
  } catch {
    throw keyringErr.damaged(source, "truncated or not a key file");
  }
  const fault = faultOf(file);
  if (fault !== undefined) throw keyringErr.damaged(source, fault);
  return file;
}

function faultOf(file: KeyFile): string | undefined {
  if (typeof file !== "object" || file === null || typeof file.secret !== "object" || file.secret === null) return "not a key file";
  if (file.version !== VERSION) return `version ${String(file.version).slice(0, 20)} is unknown to this program`;
  const { checksum: stored, ...body } = file;
  if (stored !== checksum(body)) return "its checksum does not match";
  if (![file.name, file.address, file.pub_key, file.secret.data].every((each) => typeof each === "string")) return "a field is missing";
  return file.secret.cipher === "none" ? undefined : sealFault(file.secret);
}

function sealFault(secret: SealedSecret): string | undefined {
  const { cipher, kdf, n, r, p, salt, nonce, data } = secret;
  if (cipher !== "aes-256-gcm" || kdf !== "scrypt") return "its cipher or key derivation is unknown to this program";
  const isPowerOfTwo = Number.isSafeInteger(n) && n > 0 && Number.isInteger(Math.log2(n));
  if (!isPowerOfTwo || n < MIN_N || n > MAX_N || r !== SCRYPT.r || !Number.isSafeInteger(p) || p < 1 || p > MAX_P) return "its key derivation cost is out of bounds";
  const lengths = [salt, nonce, data].map((each) => (typeof each === "string" ? Buffer.from(each, "base64").length : 0));
  return lengths[0] === 32 && lengths[1] === 12 && lengths[2] === PRIVATE_KEY_BYTES + 16 ? undefined : "a sealed field has the wrong length";
}

async function seal(privateKey: Uint8Array, passphrase: string, address: string): Promise<SealedSecret> {
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const key = await derive(passphrase, { ...SCRYPT, salt: salt.toString("base64") });
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  // Binds the sealed key to the address shown beside it.
  cipher.setAAD(Buffer.from(address, "utf8"));
  const data = Buffer.concat([cipher.update(privateKey), cipher.final(), cipher.getAuthTag()]);
  key.fill(0);
  return { cipher: "aes-256-gcm", kdf: "scrypt", ...SCRYPT, salt: salt.toString("base64"), nonce: nonce.toString("base64"), data: data.toString("base64") };
}

function derive(passphrase: string, { n, r, p, salt }: Pick<SealedSecret, "n" | "r" | "p" | "salt">): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), Buffer.from(salt, "base64"), 32, { N: n, r, p, maxmem: MAX_MEMORY }, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function privateKeyBytes(bytes: Buffer, source: string): Uint8Array {
  if (bytes.length !== PRIVATE_KEY_BYTES) throw keyringErr.damaged(source, "the private key has the wrong length");
  return Uint8Array.from(bytes);
}

function checksum(body: Omit<KeyFile, "checksum">): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}
