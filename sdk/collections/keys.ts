import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { addressFromString, addressToString } from "../crypto/address.js";
import { sdkErr } from "../errors.js";

/**
 * An order-preserving key codec: a < b in the key's natural order iff encode(a) < encode(b) bytewise. Strings order by
 * their UTF-8 bytes. Every codec is self-delimiting except the last part of a key may omit its end mark.
 */
export interface KeyCodec<K> {
  /** `last` = nothing follows in the key. */
  encode(key: K, last: boolean): Uint8Array;
  /** Decodes from `offset`; returns the value and the offset behind it. */
  decode(bytes: Uint8Array, offset: number, last: boolean): [K, number];
  /** For errors and logs. */
  text(key: K): string;
}

/** Tuple codecs also encode a leading part of the tuple, for prefix scans. */
export interface TupleCodec<T extends readonly unknown[]> extends KeyCodec<T> {
  encodePrefix(parts: readonly unknown[]): Uint8Array;
}

const MAX_U64 = (1n << 64n) - 1n;

function bigEndian(value: bigint, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let rest = value;
  for (let i = size - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

function readBigEndian(bytes: Uint8Array, offset: number, size: number): bigint {
  if (offset + size > bytes.length) throw new Error("collections: key is too short");
  let value = 0n;
  for (let i = offset; i < offset + size; i++) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

const u64: KeyCodec<bigint> = {
  encode(key) {
    if (key < 0n || key > MAX_U64) throw sdkErr.InvalidRequest(`${key} is outside uint64`);
    return bigEndian(key, 8);
  },
  decode: (bytes, offset) => [readBigEndian(bytes, offset, 8), offset + 8],
  text: String,
};

const u32: KeyCodec<number> = {
  encode(key) {
    if (!Number.isInteger(key) || key < 0 || key > 0xffff_ffff) throw sdkErr.InvalidRequest(`${key} is outside uint32`);
    return bigEndian(BigInt(key), 4);
  },
  decode: (bytes, offset) => [Number(readBigEndian(bytes, offset, 4)), offset + 4],
  text: String,
};

/** UTF-8; followed by 0x00 when not last, so NUL may not occur inside. */
const str: KeyCodec<string> = {
  encode(key, last) {
    if (key.includes("\0")) throw sdkErr.InvalidRequest("a string key may not hold NUL");
    const bytes = utf8ToBytes(key);
    return last ? bytes : concatBytes(bytes, new Uint8Array(1));
  },
  decode(bytes, offset, last) {
    let end = bytes.length;
    if (!last) {
      end = bytes.indexOf(0, offset);
      if (end < 0) throw new Error("collections: string key has no end mark");
    }
    return [decodeUtf8(bytes.subarray(offset, end)), last ? end : end + 1];
  },
  text: (key) => key,
};

/** Bytes of at most 255, with a length byte (so that order is by length, then bytewise). */
const bytes: KeyCodec<Uint8Array> = {
  encode(key) {
    if (key.length > 255) throw sdkErr.InvalidRequest(`a bytes key holds at most 255 bytes, got ${key.length}`);
    return concatBytes(Uint8Array.of(key.length), key);
  },
  decode(raw, offset) {
    const size = raw[offset];
    if (size === undefined || offset + 1 + size > raw.length) throw new Error("collections: bytes key is too short");
    return [raw.slice(offset + 1, offset + 1 + size), offset + 1 + size];
  },
  text: (key) => `0x${bytesToHex(key)}`,
};

/** A bech32 account address as the API shows it; in the store its raw bytes with a length byte. */
const address: KeyCodec<string> = {
  encode: (key) => bytes.encode(addressFromString(key), false),
  decode(raw, offset) {
    const [value, next] = bytes.decode(raw, offset, false);
    return [addressToString(value), next];
  },
  text: (key) => key,
};

type Codecs<T extends readonly unknown[]> = { readonly [I in keyof T]: KeyCodec<T[I]> };

function tuple<T extends readonly unknown[]>(...codecs: Codecs<T>): TupleCodec<T> {
  const parts = codecs as readonly KeyCodec<unknown>[];
  const encodeParts = (values: readonly unknown[], lastIndex: number): Uint8Array =>
    concatBytes(...values.map((value, i) => parts[i]!.encode(value, i === lastIndex)));
  return {
    encode: (key, last) => encodeParts(key, last ? parts.length - 1 : -1),
    encodePrefix(values) {
      if (values.length > parts.length) throw new Error("collections: prefix is longer than the key");
      return encodeParts(values, values.length === parts.length ? parts.length - 1 : -1);
    },
    decode(raw, offset, last) {
      const values: unknown[] = [];
      let at = offset;
      parts.forEach((part, i) => {
        const [value, next] = part.decode(raw, at, last && i === parts.length - 1);
        values.push(value);
        at = next;
      });
      return [values as unknown as T, at];
    },
    text: (key) => `(${key.map((value, i) => parts[i]!.text(value)).join(", ")})`,
  };
}

function decodeUtf8(raw: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
}

/** Key codecs: `k.u64`, `k.u32`, `k.str`, `k.bytes`, `k.address`, `k.tuple(a, b, …)`. */
export const k = { u64, u32, str, bytes, address, tuple } as const;

/** True when `codec` can encode a leading part of its key. */
export function isTuple(codec: KeyCodec<never>): codec is KeyCodec<never> & TupleCodec<readonly unknown[]> {
  return "encodePrefix" in codec;
}
