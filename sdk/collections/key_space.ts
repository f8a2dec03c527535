import { concatBytes } from "@noble/hashes/utils.js";
import type { ReadCtx } from "../context.js";
import { type KeyCodec, isTuple } from "./keys.js";

/** What a module declares: one prefix byte and one name, each its own in the module's store. */
export interface Collection {
  readonly prefix: number;
  readonly name: string;
  readonly kind: string;
}

/** Bounds of a scan. Results are materialised before they are returned, so the store may change meanwhile. */
export interface ScanOptions<K> {
  start?: K;
  /** Exclusive start: where a page goes on. */
  after?: K;
  end?: K;
  endInclusive?: K;
  /** Leading parts of a tuple key. */
  prefix?: readonly unknown[];
  reverse?: boolean;
  /** At most so many entries (default 1,000). Unbounded walks are `all`, for export and invariants only. */
  limit?: number;
}

export const DEFAULT_LIMIT = 1_000;

/** The byte range and key coding that every keyed collection shares. */
export class KeySpace<K> {
  readonly #prefix: Uint8Array;
  constructor(
    readonly store: string,
    prefix: number,
    readonly name: string,
    readonly codec: KeyCodec<K>,
  ) {
    this.#prefix = Uint8Array.of(prefix);
  }

  key(key: K): Uint8Array {
    return concatBytes(this.#prefix, this.codec.encode(key, true));
  }

  decode(raw: Uint8Array): K {
    return this.codec.decode(raw, 1, true)[0];
  }

  *scan(ctx: ReadCtx, options: ScanOptions<K>): IterableIterator<[Uint8Array, Uint8Array]> {
    let base = this.#prefix;
    if (options.prefix) {
      const codec = this.codec as KeyCodec<never>;
      if (!isTuple(codec)) throw new Error(`collections: ${this.name} has no tuple key to take a prefix of`);
      base = concatBytes(base, codec.encodePrefix(options.prefix));
    }
    let start: Uint8Array = base;
    let end: Uint8Array | undefined = successor(base);
    if (options.start !== undefined) start = this.key(options.start);
    if (options.after !== undefined && !options.reverse) start = concatBytes(this.key(options.after), new Uint8Array(1));
    if (options.after !== undefined && options.reverse) end = this.key(options.after);
    if (options.end !== undefined) end = this.key(options.end);
    if (options.endInclusive !== undefined) {
      // Everything that starts with the bound's bytes sorts with it: an index entry (bound, primary key) is included.
      end = successor(concatBytes(this.#prefix, this.codec.encode(options.endInclusive, false)));
    }
    // A bound never leads out of the collection or the prefix: a page token may come from anybody.
    const limit = successor(base);
    if (isBefore(start, base)) start = base;
    if (limit !== undefined && (end === undefined || isBefore(limit, end))) end = limit;
    yield* ctx.reader(this.store).scan({ start, ...(end ? { end } : {}), reverse: options.reverse ?? false });
  }
}

/** Bytewise order. */
function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const shared = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]!;
  }
  return a.length < b.length;
}

function successor(prefix: Uint8Array): Uint8Array | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i]! < 0xff) {
      const out = prefix.slice(0, i + 1);
      out[i]! += 1;
      return out;
    }
  }
  return undefined;
}

export function take<T>(entries: Iterable<T>, limit = DEFAULT_LIMIT): T[] {
  const out: T[] = [];
  if (limit <= 0) return out;
  for (const entry of entries) {
    out.push(entry);
    if (out.length >= limit) break;
  }
  return out;
}
