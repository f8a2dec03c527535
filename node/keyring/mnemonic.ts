import { randomBytes } from "node:crypto";
import { Bip39, EnglishMnemonic, Slip10, Slip10Curve, stringToPath } from "@cosmjs/crypto";
import { keyringErr } from "./errors.js";

/** Coin type 118, first account, first address. */
export const HD_PATH = "m/44'/118'/0'/0/0";
const WORDS = 24;

/** 24 fresh words. */
export function generateMnemonic(): string {
  return Bip39.encode(randomBytes(32)).toString();
}

/** The private key (32 bytes) that wallets derive from these words by default. Throws `keyring.bad_mnemonic`. */
export async function privateKeyFromMnemonic(words: string, path: string = HD_PATH): Promise<Uint8Array> {
  const normal = words.trim().split(/\s+/).join(" ").toLowerCase();
  let mnemonic: EnglishMnemonic;
  try {
    mnemonic = new EnglishMnemonic(normal);
  } catch {
    throw keyringErr.badMnemonic();
  }
  if (normal.split(" ").length !== WORDS) throw keyringErr.badMnemonic();
  const seed = await Bip39.mnemonicToSeed(mnemonic);
  return Slip10.derivePath(Slip10Curve.Secp256k1, seed, stringToPath(path)).privkey;
}
