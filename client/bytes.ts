import { fromBech32, toBech32 } from "@cosmjs/encoding";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "nild/nilfs";
import { ClientError } from "./errors.js";

export const ADDRESS_PREFIX = "nil";

/** The 20 bytes of a `nil1…` address. @throws ClientError `bad_key`. */
export function addressBytes(address: string): Uint8Array {
  try {
    const { prefix, data } = fromBech32(address);
    if (prefix === ADDRESS_PREFIX && data.length === 20) return data;
  } catch {
    // Falls through: one error for every kind of wrong address.
  }
  throw new ClientError("bad_key", `"${address.slice(0, 80)}" is not an account address`, `addresses begin with ${ADDRESS_PREFIX}1 and hold 20 bytes`);
}

export function addressText(bytes: Uint8Array): string {
  return toBech32(ADDRESS_PREFIX, bytes);
}

export function u64(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}

/** A string's UTF-8 behind its length as a big-endian U16. */
export function prefixed(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0xffff) throw new ClientError("bad_ticket", `${bytes.length} bytes of text`, "at most 65535");
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

/** Lowercase hex without a prefix, as digests and session ids stand in headers and JSON. */
export function hex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out;
}

/** Strict: exactly `length` bytes of lowercase hex; undefined otherwise. */
export function parseHex(text: string, length: number): Uint8Array | undefined {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** SHA-256 in hex; by the platform where it offers that, for objects are large. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return hex(subtle === undefined ? sha256(bytes) : new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));
}
