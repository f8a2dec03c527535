import { StoreError } from "./errors.js";

/**
 * A key inside the store: a string with one character (0–255) per byte. Among such strings `<` is bytewise order, and
 * they take a quarter of the memory of a Uint8Array and compare faster.
 */
export type Key = string;

const CHUNK = 4096;

export function toKey(bytes: Uint8Array): Key {
  if (bytes.length <= CHUNK) return chunkToKey(bytes);
  let key = "";
  for (let at = 0; at < bytes.length; at += CHUNK) key += chunkToKey(bytes.subarray(at, at + CHUNK));
  return key;
}

function chunkToKey(bytes: Uint8Array): Key {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

export function toBytes(key: Key): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/** A copy of its own, also of a Buffer, whose slice() would share its memory. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The key of an entry: ICS-23 refuses empty ones, so the store does. */
export function entryKey(bytes: Uint8Array): Key {
  if (bytes.length === 0) throw new StoreError("empty_key", "a key of no bytes cannot be stored or proved; give it a prefix");
  return toKey(bytes);
}

/** A range of internal keys; absent bounds are open. */
export interface KeyRange {
  readonly start: Key | undefined;
  /** Exclusive. */
  readonly end: Key | undefined;
  readonly reverse: boolean;
}

export function keyRange(range: { start?: Uint8Array; end?: Uint8Array; reverse?: boolean } | undefined): KeyRange {
  return {
    start: range?.start && toKey(range.start),
    end: range?.end && toKey(range.end),
    reverse: range?.reverse ?? false,
  };
}
