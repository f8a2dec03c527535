import { encodeSecp256k1Signature, rawSecp256k1PubkeyToRawAddress } from "@cosmjs/amino";
import { Bip39, EnglishMnemonic, Random, Secp256k1, Slip10, Slip10Curve, stringToPath } from "@cosmjs/crypto";
import { makeSignBytes, type AccountData, type DirectSignResponse, type OfflineDirectSigner } from "@cosmjs/proto-signing";
import { sha256 } from "@noble/hashes/sha2.js";
import { addressText } from "./bytes.js";
import { ClientError } from "./errors.js";

type SignDoc = Parameters<OfflineDirectSigner["signDirect"]>[1];

/** Coin type 118, first account: what every Cosmos wallet derives by default. */
export const HD_PATH = "m/44'/118'/0'/0/0";

/** Signs digests of our own protocol (tickets) as an account. */
export interface DigestSigner {
  readonly address: string;
  /** 33 bytes, compressed secp256k1. */
  readonly publicKey: Uint8Array;
  /** 64 bytes R ‖ S, low-S, over a 32-byte digest. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

/** One secp256k1 account held in memory. It signs transactions as any CosmJS signer, and tickets. */
export class Wallet implements OfflineDirectSigner, DigestSigner {
  readonly address: string;
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;

  private constructor(privateKey: Uint8Array, publicKey: Uint8Array) {
    this.#privateKey = privateKey;
    this.publicKey = publicKey;
    this.address = addressText(rawSecp256k1PubkeyToRawAddress(publicKey));
  }

  /** @param privateKey 32 bytes. @throws ClientError `bad_key`. */
  static async fromPrivateKey(privateKey: Uint8Array): Promise<Wallet> {
    try {
      const pair = await Secp256k1.makeKeypair(privateKey);
      return new Wallet(pair.privkey, Secp256k1.compressPubkey(pair.pubkey));
    } catch {
      throw new ClientError("bad_key", "not a secp256k1 private key", "give 32 bytes, above zero and below the group's order");
    }
  }

  /** Derives the account of a BIP-39 mnemonic at `path`. @throws ClientError `bad_key` for a bad word, length or checksum. */
  static async fromMnemonic(mnemonic: string, path: string = HD_PATH): Promise<Wallet> {
    const checked = checkMnemonic(mnemonic);
    const { privkey } = Slip10.derivePath(Slip10Curve.Secp256k1, await Bip39.mnemonicToSeed(checked), stringToPath(path));
    return Wallet.fromPrivateKey(privkey);
  }

  async getAccounts(): Promise<readonly AccountData[]> {
    return [{ address: this.address, algo: "secp256k1", pubkey: this.publicKey }];
  }

  async signDirect(signerAddress: string, signDoc: SignDoc): Promise<DirectSignResponse> {
    if (signerAddress !== this.address) {
      throw new ClientError("bad_key", `this wallet holds ${this.address}, not ${signerAddress}`, "sign with the key of the account that the message names");
    }
    const signature = await this.signDigest(sha256(makeSignBytes(signDoc)));
    return { signed: signDoc, signature: encodeSecp256k1Signature(this.publicKey, signature) };
  }

  async signDigest(digest: Uint8Array): Promise<Uint8Array> {
    const signature = await Secp256k1.createSignature(digest, this.#privateKey);
    return Uint8Array.from([...signature.r(32), ...signature.s(32)]);
  }
}

/** A fresh 24-word mnemonic. */
export function newMnemonic(): string {
  return Bip39.encode(Random.getBytes(32)).toString();
}

function checkMnemonic(mnemonic: string): EnglishMnemonic {
  try {
    return new EnglishMnemonic(mnemonic);
  } catch {
    throw new ClientError("bad_key", "not a valid mnemonic", "12 to 24 English words in their order; the last one holds a checksum");
  }
}
