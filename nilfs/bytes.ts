import { NilfsError } from "./errors.js";

/** An unsigned 64-bit integer as callers hold it: a bigint, or a number below 2^53. */
export type U64 = bigint | number;

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** As `concatBytes`, for lists too long to be arguments. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function isZero(bytes: Uint8Array): boolean {
  // Four bytes at a time where the view allows it: whole blobs pass through here.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes.length - (bytes.length % 4) : 0;
  const words = new Uint32Array(bytes.buffer, aligned === 0 ? 0 : bytes.byteOffset, aligned / 4);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = aligned; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lowercase, with 0x. */
export function toHex(bytes: Uint8Array): string {
  let out = "0x";
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** Strict: "0x" and exactly `length` bytes of lowercase hex. @throws NilfsError `bad_length`. */
export function fromHex(text: string, length: number, name: string): Uint8Array {
  if (text.length !== 2 + 2 * length || !/^0x[0-9a-f]*$/.test(text)) {
    throw new NilfsError("bad_length", `${name}: expected 0x and ${2 * length} lowercase hex digits`);
  }
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16));
}

/** @throws NilfsError `bad_length` */
export function checkLength(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.length !== length) throw new NilfsError("bad_length", `${name}: ${bytes.length} bytes, expected ${length}`);
  return bytes;
}

/** Big-endian, 8 bytes. @throws NilfsError `bad_integer` */
export function u64(value: U64, name: string): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, checkInteger(value, 64, name));
  return out;
}

/** Big-endian, 4 bytes. @throws NilfsError `bad_integer` */
export function u32(value: U64, name: string): Uint8Array {
  return u64(checkInteger(value, 32, name), name).subarray(4);
}

/** A UTF-8 string behind its length as a big-endian U16. @throws NilfsError `bad_length` */
export function prefixedString(text: string, name: string): Uint8Array {
  const bytes = ascii(text);
  if (bytes.length > 0xffff) throw new NilfsError("bad_length", `${name}: ${bytes.length} bytes, at most 65535`);
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

/** The first 8 bytes as a big-endian integer. */
export function firstU64(bytes: Uint8Array, at = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0);
}

function checkInteger(value: U64, bits: number, name: string): bigint {
  const ok = typeof value === "bigint" || Number.isSafeInteger(value);
  const big = ok ? BigInt(value) : -1n;
  if (big < 0n || big >> BigInt(bits) !== 0n) throw new NilfsError("bad_integer", `${name}: ${value} is not an unsigned ${bits}-bit integer`);
  return big;
}
