import { StoreError } from "./errors.js";

/**
 * Bytes inside the store: a string with one character (0–255) per byte. Such strings cannot be changed by whoever
 * holds them, `<` orders them bytewise, and they take a quarter of the memory of a small Uint8Array.
 */
export type ByteString = string;

/** More arguments than this would strain the stack. */
const CHUNK = 4096;

export function pack(bytes: Uint8Array): ByteString {
  if (bytes.length <= CHUNK) return packChunk(bytes);
  let packed = "";
  for (let at = 0; at < bytes.length; at += CHUNK) packed += packChunk(bytes.subarray(at, at + CHUNK));
  return packed;
}

function packChunk(bytes: Uint8Array): ByteString {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

export function unpack(packed: ByteString): Uint8Array {
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  return bytes;
}

/** A copy of its own, also of a Buffer, whose slice() would share its memory. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The key of an entry: ICS-23 refuses empty ones, so the store does. */
export function packKey(bytes: Uint8Array): ByteString {
  if (bytes.length === 0) throw new StoreError("empty_key", "a key of no bytes cannot be stored or proved; give it a prefix");
  return pack(bytes);
}

export function packValue(bytes: Uint8Array): ByteString {
  if (bytes.length === 0) throw new StoreError("empty_value", "a value of no bytes cannot be proved; store a marker byte instead");
  return pack(bytes);
}

/** A range of keys; absent bounds are open. */
export interface PackedRange {
  readonly start: ByteString | undefined;
  /** Exclusive. */
  readonly end: ByteString | undefined;
  readonly reverse: boolean;
}

export function packRange(range: { start?: Uint8Array; end?: Uint8Array; reverse?: boolean } | undefined): PackedRange {
  return {
    start: range?.start && pack(range.start),
    end: range?.end && pack(range.end),
    reverse: range?.reverse ?? false,
  };
}
