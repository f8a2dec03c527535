import { utf8ToBytes } from "@noble/hashes/utils.js";
import { addressToString, publicKey, SECP256K1_TYPE_URL, secp256k1PublicKey, sha256 } from "../crypto/index.js";

export interface TestAccount {
  readonly name: string;
  /** Bech32. */
  readonly address: string;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** 33 bytes, compressed. */
  readonly publicKey: Uint8Array;
}

/** A real secp256k1 account; the same name is the same account in every run. */
export function testAccount(name: string): TestAccount {
  const privateKey = sha256(utf8ToBytes(`nild test account ${name}`));
  const key = secp256k1PublicKey(privateKey);
  return { name, privateKey, publicKey: key, address: addressToString(publicKey(SECP256K1_TYPE_URL, key).address()) };
}
