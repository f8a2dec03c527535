import { sdkErr } from "../errors.js";
import { bech32Decode, bech32Encode } from "./bech32.js";
import { sha256 } from "./hash.js";

/** Human-readable parts of our addresses. */
export const BECH32_PREFIX = { account: "nil", validator: "nilvaloper", consensus: "nilvalcons" } as const;
export type Bech32Prefix = (typeof BECH32_PREFIX)[keyof typeof BECH32_PREFIX];

/** Bytes of an address: 20 for keys and module accounts, 32 for addresses derived from more than a key. */
function isAddressLength(length: number): boolean {
  return length === 20 || length === 32;
}

/** 20 or 32 bytes → bech32. Throws sdk/7 on another length. */
export function addressToString(bytes: Uint8Array, prefix: Bech32Prefix = BECH32_PREFIX.account): string {
  if (!isAddressLength(bytes.length)) throw sdkErr.InvalidAddress(`an address has 20 or 32 bytes, got ${bytes.length}`);
  return bech32Encode(prefix, bytes);
}

/** Bech32 → 20 or 32 bytes. Throws sdk/7: only one string stands for an address, so upper case is refused too. */
export function addressFromString(text: string, prefix: Bech32Prefix = BECH32_PREFIX.account): Uint8Array {
  const decoded = bech32Decode(text);
  if ("fault" in decoded) throw sdkErr.InvalidAddress(`address ${shown(text)}: ${decoded.fault}`);
  if (decoded.prefix !== prefix) {
    throw sdkErr.InvalidAddress(`address ${shown(text)}: prefix is ${decoded.prefix}, expected ${prefix}`);
  }
  if (!isAddressLength(decoded.data.length)) {
    throw sdkErr.InvalidAddress(`address ${shown(text)}: ${decoded.data.length} bytes, expected 20 or 32`);
  }
  return decoded.data;
}

/** The account that a module owns: the first 20 bytes of SHA-256 of its name. No key can sign for it. */
export function moduleAddress(name: string): Uint8Array {
  const ascii = Uint8Array.from(name, (character) => character.charCodeAt(0));
  return sha256(ascii).slice(0, 20);
}

function shown(text: string): string {
  return text === "" ? "(empty)" : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
