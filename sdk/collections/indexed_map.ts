import { concatBytes } from "@noble/hashes/utils.js";
import type { ExecCtx, ReadCtx } from "../context.js";
import { KeyMap, KeySet } from "./collections.js";
import { type Collection, DEFAULT_LIMIT, type ScanOptions } from "./key_space.js";
import type { KeyCodec, TupleCodec } from "./keys.js";
import type { ValueCodec } from "./values.js";

/** A secondary index: (index key, primary key) pairs in index order. */
export class MultiIndex<I, K, V> implements Collection {
  readonly kind = "index";
  readonly #pairs: KeySet<readonly [I, K]>;
  constructor(
    store: string,
    readonly prefix: number,
    readonly name: string,
    indexKey: KeyCodec<I>,
    primaryKey: KeyCodec<K>,
    readonly keyOf: (value: V, key: K) => I | undefined,
  ) {
    this.#pairs = new KeySet(store, prefix, name, pairCodec(indexKey, primaryKey));
  }

  /** Primary keys in index order. `endInclusive` bounds the index key, `at` fixes it; `after` is where a page goes on. */
  scan(ctx: ReadCtx, options: { at?: I; after?: readonly [I, K]; endInclusive?: I; reverse?: boolean; limit?: number } = {}): K[] {
    return this.entries(ctx, options).map(([, key]) => key);
  }

  /** As `scan`, with the index keys: what a page token is made of. */
  entries(ctx: ReadCtx, options: { at?: I; after?: readonly [I, K]; endInclusive?: I; reverse?: boolean; limit?: number } = {}): (readonly [I, K])[] {
    const bounds: ScanOptions<readonly [I, K]> = {};
    if (options.at !== undefined) bounds.prefix = [options.at];
    if (options.after !== undefined) bounds.after = options.after;
    if (options.reverse !== undefined) bounds.reverse = options.reverse;
    if (options.endInclusive !== undefined) bounds.endInclusive = [options.endInclusive] as unknown as readonly [I, K];
    bounds.limit = options.limit ?? DEFAULT_LIMIT;
    return this.#pairs.scan(ctx, bounds);
  }

  /** Called by IndexedMap only. */
  replace(ctx: ExecCtx, key: K, before: V | undefined, after: V | undefined): void {
    const from = before === undefined ? undefined : this.keyOf(before, key);
    const to = after === undefined ? undefined : this.keyOf(after, key);
    if (from === to) return;
    if (from !== undefined) this.#pairs.remove(ctx, [from, key]);
    if (to !== undefined) this.#pairs.add(ctx, [to, key]);
  }
}

function pairCodec<I, K>(indexKey: KeyCodec<I>, primaryKey: KeyCodec<K>): TupleCodec<readonly [I, K]> {
  return {
    // With one part given this is a bound on the index key: encode what there is.
    encode: (pair, last) =>
      pair.length < 2
        ? indexKey.encode(pair[0], false)
        : concatBytes(indexKey.encode(pair[0], false), primaryKey.encode(pair[1], last)),
    encodePrefix: (parts) => indexKey.encode(parts[0] as I, false),
    decode(raw, offset, last) {
      const [index, next] = indexKey.decode(raw, offset, false);
      const [key, end] = primaryKey.decode(raw, next, last);
      return [[index, key], end];
    },
    text: (pair) => `(${indexKey.text(pair[0])}, ${primaryKey.text(pair[1])})`,
  };
}

/** A map whose indexes always agree with it. */
export class IndexedMap<K, V, X extends Record<string, MultiIndex<unknown, K, V>>> extends KeyMap<K, V> {
  override readonly kind = "indexedMap";
  constructor(
    store: string,
    prefix: number,
    name: string,
    key: KeyCodec<K>,
    codec: ValueCodec<V>,
    readonly by: X,
  ) {
    super(store, prefix, name, key, codec);
  }

  override set(ctx: ExecCtx, key: K, value: V): void {
    const before = this.find(ctx, key);
    for (const index of this.#indexes()) index.replace(ctx, key, before, value);
    super.set(ctx, key, value);
  }

  override remove(ctx: ExecCtx, key: K): void {
    const before = this.find(ctx, key);
    for (const index of this.#indexes()) index.replace(ctx, key, before, undefined);
    super.remove(ctx, key);
  }

  #indexes(): MultiIndex<unknown, K, V>[] {
    return Object.values(this.by) as unknown as MultiIndex<unknown, K, V>[];
  }
}

/** Declares an index inside `indexedMap`. An `undefined` index key leaves the entry out of the index. */
export type MakeIndex<K, V> = <I>(prefix: number, indexKey: KeyCodec<I>, keyOf: (value: V, key: K) => I | undefined) => MultiIndex<I, K, V>;
