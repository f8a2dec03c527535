import { readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Secp256k1PubKey, addressToString, secp256k1PublicKey, signSecp256k1 } from "nild/sdk";
import { errnoOf } from "../errors.js";
import { createFileExclusive } from "../files/atomic.js";
import { keyringErr } from "./errors.js";
import { generateMnemonic, privateKeyFromMnemonic } from "./mnemonic.js";
import { armor, unarmor } from "./armor.js";
import { type KeyFile, type KeyMetadata, openKey, parseKeyFile, sealKey } from "./sealed_key.js";

export type KeyringBackend = "file" | "test";

/** Asks for a passphrase: by prompt, from a file or a descriptor, never from argv. `purpose` is shown to the person. */
export type PassphraseProvider = (purpose: string) => Promise<string>;

export interface Signer {
  readonly address: string;
  /** Compressed, 33 bytes. */
  readonly pubKey: Uint8Array;
  /** R ‖ S, 64 bytes, low-S, over SHA-256 of the message. */
  sign(message: Uint8Array): Uint8Array;
  /** Zeroes the private key; signing then throws. */
  dispose(): void;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SUFFIX = ".json";

/** Keys of people and providers: one file each, sealed by a passphrase (`file`) or plain (`test`). */
export class Keyring {
  private constructor(
    readonly folder: string,
    readonly backend: KeyringBackend,
    readonly passphrase: PassphraseProvider,
  ) {}

  /** `home` holds keyring-file/ or keyring-test/; it is made when the first key is added. */
  static open(home: string, backend: KeyringBackend, passphrase: PassphraseProvider): Keyring {
    return new Keyring(join(home, `keyring-${backend}`), backend, passphrase);
  }

  /** A new key, or the one of `mnemonic`. Returns the words only when they are new: nothing keeps them. */
  async add(name: string, options: { readonly mnemonic?: string } = {}): Promise<KeyMetadata & { readonly mnemonic?: string }> {
    await this.#assertFree(name);
    const mnemonic = options.mnemonic ?? generateMnemonic();
    const privateKey = await privateKeyFromMnemonic(mnemonic);
    const key = await this.#store(name, privateKey);
    return options.mnemonic === undefined ? { ...key, mnemonic } : key;
  }

  /** By name. */
  async list(): Promise<KeyMetadata[]> {
    const files = await readdir(this.folder).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return [];
      throw this.#explained(error);
    });
    const names = files.filter((file) => file.endsWith(SUFFIX) && !file.startsWith(".")).map((file) => file.slice(0, -SUFFIX.length));
    return Promise.all(names.sort((a, b) => (a < b ? -1 : 1)).map((name) => this.show(name)));
  }

  async show(name: string): Promise<KeyMetadata> {
    return metadata(await this.#read(name));
  }

  async delete(name: string): Promise<void> {
    await this.#read(name);
    await rm(this.#path(name));
  }

  async rename(from: string, to: string): Promise<void> {
    const privateKey = await this.#open(from);
    await this.#assertFree(to);
    await this.#store(to, privateKey);
    await rm(this.#path(from));
  }

  /** The key as text under its own passphrase. */
  async export(name: string): Promise<string> {
    const file = await this.#read(name);
    const privateKey = await this.#open(name);
    const passphrase = await this.passphrase(`passphrase to protect the exported key ${name}`);
    try {
      return armor(await sealKey(metadata(file), privateKey, passphrase));
    } finally {
      privateKey.fill(0);
    }
  }

  async import(name: string, armored: string): Promise<KeyMetadata> {
    await this.#assertFree(name);
    const file = parseKeyFile(unarmor(armored), "the exported key");
    const privateKey = await openKey(file, "the exported key", () => this.passphrase("passphrase of the exported key"));
    return this.#store(name, privateKey);
  }

  async importPrivateKey(name: string, privateKey: Uint8Array): Promise<KeyMetadata> {
    await this.#assertFree(name);
    return this.#store(name, Uint8Array.from(privateKey));
  }

  async signer(name: string): Promise<Signer> {
    const { address, pubKey } = await this.show(name);
    const privateKey = await this.#open(name);
    let live = true;
    return {
      address,
      pubKey,
      sign: (message) => {
        if (!live) throw new Error("the signer was disposed");
        return signSecp256k1(privateKey, message);
      },
      dispose: () => {
        live = false;
        privateKey.fill(0);
      },
    };
  }

  /** 32 bytes, for a signer in this process; the caller does not keep it longer than it must. */
  privateKey(name: string): Promise<Uint8Array> {
    return this.#open(name);
  }

  async #open(name: string): Promise<Uint8Array> {
    const file = await this.#read(name);
    const path = this.#path(name);
    const privateKey = await openKey(file, path, () => this.passphrase(`passphrase of key ${name}`));
    if (Buffer.from(secp256k1PublicKey(privateKey)).toString("base64") !== file.pub_key) throw keyringErr.damaged(path, "its two halves do not belong together");
    return privateKey;
  }

  /** Consumes the private key. Exclusive: of two additions of one name one wins. */
  async #store(name: string, privateKey: Uint8Array): Promise<KeyMetadata> {
    try {
      const pubKey = secp256k1PublicKey(privateKey);
      const key = { name, pubKey, address: addressToString(new Secp256k1PubKey(pubKey).address()) };
      const passphrase = this.backend === "test" ? undefined : await this.passphrase(`passphrase for the new key ${name}`);
      const file = await sealKey(key, privateKey, passphrase);
      await createFileExclusive(this.#path(name), `${JSON.stringify(file, null, 2)}\n`);
      return key;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") throw keyringErr.exists(name);
      throw this.#explained(error);
    } finally {
      privateKey.fill(0);
    }
  }

  async #read(name: string): Promise<KeyFile> {
    const path = this.#path(name);
    let text: string;
    try {
      const { mode } = await stat(path);
      if ((mode & 0o077) !== 0) throw keyringErr.openMode(path, mode & 0o777);
      text = await readFile(path, "utf8");
    } catch (error) {
      if (errnoOf(error) === "ENOENT") throw keyringErr.notFound(name, this.folder);
      throw this.#explained(error);
    }
    const file = parseKeyFile(text, path);
    if (file.name !== name) throw keyringErr.damaged(path, `it holds the key ${file.name}`);
    if (file.secret.cipher === "none" && this.backend !== "test") throw keyringErr.damaged(path, "an unsealed key does not belong here");
    return file;
  }

  /** Before anything is asked of the person; the exclusive creation decides in the end. */
  async #assertFree(name: string): Promise<void> {
    const path = this.#path(name);
    const taken = await stat(path).then(
      () => true,
      (error: unknown) => {
        if (errnoOf(error) === "ENOENT") return false;
        throw this.#explained(error);
      },
    );
    if (taken) throw keyringErr.exists(name);
  }

  /** What the file system refuses, in words. */
  #explained(error: unknown): unknown {
    const errno = errnoOf(error);
    return errno !== undefined && ["EACCES", "EROFS", "EPERM", "ENOTDIR", "ENOSPC"].includes(errno) ? keyringErr.locked(this.folder, errno) : error;
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw keyringErr.badName(name);
    return join(this.folder, name + SUFFIX);
  }
}

function metadata(file: KeyFile): KeyMetadata {
  return { name: file.name, address: file.address, pubKey: Buffer.from(file.pub_key, "base64") };
}
