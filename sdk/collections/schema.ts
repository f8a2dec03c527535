import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { concatBytes } from "@noble/hashes/utils.js";
import type { ExecCtx, ReadCtx } from "../context.js";
import { sdkErr } from "../errors.js";
import { type KeyCodec, type TupleCodec, isTuple } from "./keys.js";
import { type ValueCodec, proto, v } from "./values.js";

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

const DEFAULT_LIMIT = 1_000;
/** ICS-23 refuses empty values, so presence is this byte. */
const PRESENT = Uint8Array.of(1);

export interface Collection {
  readonly prefix: number;
  readonly name: string;
  readonly kind: string;
}

/** The byte range and key coding that every keyed collection shares. */
class KeySpace<K> {
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

function take<T>(entries: Iterable<T>, limit = DEFAULT_LIMIT): T[] {
  const out: T[] = [];
  if (limit <= 0) return out;
  for (const entry of entries) {
    out.push(entry);
    if (out.length >= limit) break;
  }
  return out;
}

/** One value. */
export class Item<V> implements Collection {
  readonly kind = "item";
  readonly #key: Uint8Array;
  constructor(
    readonly store: string,
    readonly prefix: number,
    readonly name: string,
    readonly codec: ValueCodec<V>,
  ) {
    this.#key = Uint8Array.of(prefix);
  }

  find(ctx: ReadCtx): V | undefined {
    const raw = ctx.reader(this.store).get(this.#key);
    return raw === undefined ? undefined : this.codec.decode(raw);
  }

  get(ctx: ReadCtx): V {
    const value = this.find(ctx);
    if (value === undefined) throw sdkErr.NotFound(`${this.store}/${this.name} is not set`);
    return value;
  }

  set(ctx: ExecCtx, value: V): void {
    ctx.store(this.store).set(this.#key, this.codec.encode(value));
  }

  remove(ctx: ExecCtx): void {
    ctx.store(this.store).delete(this.#key);
  }
}

/** A counter that hands out ids from 1. */
export class Sequence implements Collection {
  readonly kind = "sequence";
  readonly #item: Item<bigint>;
  constructor(
    readonly store: string,
    readonly prefix: number,
    readonly name: string,
  ) {
    this.#item = new Item(store, prefix, name, v.u64);
  }

  /** The id that `next` would give. */
  peek(ctx: ReadCtx): bigint {
    return this.#item.find(ctx) ?? 1n;
  }

  next(ctx: ExecCtx): bigint {
    const id = this.peek(ctx);
    this.#item.set(ctx, id + 1n);
    return id;
  }

  set(ctx: ExecCtx, next: bigint): void {
    this.#item.set(ctx, next);
  }
}

/** Keys to values, in key order. */
export class KeyMap<K, V> implements Collection {
  readonly kind: string = "map";
  protected readonly space: KeySpace<K>;
  constructor(
    readonly store: string,
    readonly prefix: number,
    readonly name: string,
    key: KeyCodec<K>,
    readonly codec: ValueCodec<V>,
  ) {
    this.space = new KeySpace(store, prefix, name, key);
  }

  /** Codes page tokens. */
  get keyCodec(): KeyCodec<K> {
    return this.space.codec;
  }

  find(ctx: ReadCtx, key: K): V | undefined {
    const raw = ctx.reader(this.store).get(this.space.key(key));
    return raw === undefined ? undefined : this.codec.decode(raw);
  }

  get(ctx: ReadCtx, key: K): V {
    const value = this.find(ctx, key);
    if (value === undefined) throw sdkErr.NotFound(`${this.store}/${this.name} ${this.space.codec.text(key)} not found`);
    return value;
  }

  has(ctx: ReadCtx, key: K): boolean {
    return ctx.reader(this.store).has(this.space.key(key));
  }

  set(ctx: ExecCtx, key: K, value: V): void {
    ctx.store(this.store).set(this.space.key(key), this.codec.encode(value));
  }

  remove(ctx: ExecCtx, key: K): void {
    ctx.store(this.store).delete(this.space.key(key));
  }

  scan(ctx: ReadCtx, options: ScanOptions<K> = {}): [K, V][] {
    return take(this.space.scan(ctx, options), options.limit).map(([key, value]) => [this.space.decode(key), this.codec.decode(value)]);
  }

  keys(ctx: ReadCtx, options: ScanOptions<K> = {}): K[] {
    return take(this.space.scan(ctx, options), options.limit).map(([key]) => this.space.decode(key));
  }

  /** Every entry: for genesis export and invariants, never in a block. */
  *all(ctx: ReadCtx): IterableIterator<[K, V]> {
    for (const [key, value] of this.space.scan(ctx, {})) yield [this.space.decode(key), this.codec.decode(value)];
  }
}

/** A set of keys. */
export class KeySet<K> implements Collection {
  readonly kind: string = "keySet";
  readonly #space: KeySpace<K>;
  constructor(
    readonly store: string,
    readonly prefix: number,
    readonly name: string,
    key: KeyCodec<K>,
  ) {
    this.#space = new KeySpace(store, prefix, name, key);
  }

  has(ctx: ReadCtx, key: K): boolean {
    return ctx.reader(this.store).has(this.#space.key(key));
  }

  add(ctx: ExecCtx, key: K): void {
    ctx.store(this.store).set(this.#space.key(key), PRESENT);
  }

  remove(ctx: ExecCtx, key: K): void {
    ctx.store(this.store).delete(this.#space.key(key));
  }

  scan(ctx: ReadCtx, options: ScanOptions<K> = {}): K[] {
    return take(this.#space.scan(ctx, options), options.limit).map(([key]) => this.#space.decode(key));
  }

  *all(ctx: ReadCtx): IterableIterator<K> {
    for (const [key] of this.#space.scan(ctx, {})) yield this.#space.decode(key);
  }
}

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

  /** Primary keys in index order. `start` and `endInclusive` bound the index key; `at` fixes it. */
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

type Index<I, K, V> = MultiIndex<I, K, V>;
/** Declares an index inside `indexedMap`. An `undefined` index key leaves the entry out of the index. */
export type MakeIndex<K, V> = <I>(prefix: number, indexKey: KeyCodec<I>, keyOf: (value: V, key: K) => I | undefined) => Index<I, K, V>;

/** Declares a module's collections. Prefixes and names are checked for overlap when the module is built. */
export class StateSchema {
  readonly #collections: Collection[] = [];
  constructor(readonly store: string) {}

  /** What was declared, for the golden schema file. */
  get collections(): readonly Collection[] {
    return this.#collections;
  }

  item<D extends DescMessage>(prefix: number, name: string, value: D): Item<MessageShape<D>>;
  item<V>(prefix: number, name: string, value: ValueCodec<V>): Item<V>;
  item(prefix: number, name: string, value: DescMessage | ValueCodec<unknown>): Item<never> {
    return this.#add(new Item(this.store, prefix, name, codecOf(value))) as Item<never>;
  }

  sequence(prefix: number, name: string): Sequence {
    return this.#add(new Sequence(this.store, prefix, name));
  }

  map<K, D extends DescMessage>(prefix: number, name: string, key: KeyCodec<K>, value: D): KeyMap<K, MessageShape<D>>;
  map<K, V>(prefix: number, name: string, key: KeyCodec<K>, value: ValueCodec<V>): KeyMap<K, V>;
  map<K>(prefix: number, name: string, key: KeyCodec<K>, value: DescMessage | ValueCodec<unknown>): KeyMap<K, never> {
    return this.#add(new KeyMap(this.store, prefix, name, key, codecOf(value))) as KeyMap<K, never>;
  }

  keySet<K>(prefix: number, name: string, key: KeyCodec<K>): KeySet<K> {
    return this.#add(new KeySet(this.store, prefix, name, key));
  }

  indexedMap<K, D extends DescMessage, X extends Record<string, MultiIndex<unknown, K, MessageShape<D>>>>(
    prefix: number,
    name: string,
    key: KeyCodec<K>,
    value: D,
    indexes: (multi: MakeIndex<K, MessageShape<D>>) => X,
  ): IndexedMap<K, MessageShape<D>, X> {
    const names: MultiIndex<unknown, K, MessageShape<D>>[] = [];
    const by = indexes((indexPrefix, indexKey, keyOf) => {
      const index = new MultiIndex(this.store, indexPrefix, `${name}/${indexPrefix}`, indexKey, key, keyOf);
      names.push(index as unknown as MultiIndex<unknown, K, MessageShape<D>>);
      return index;
    });
    const map = this.#add(new IndexedMap(this.store, prefix, name, key, proto(value), by));
    for (const index of names) this.#add(index);
    return map;
  }

  #add<C extends Collection>(collection: C): C {
    const { prefix, name } = collection;
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > 255) throw new Error(`${this.store}/${name}: prefix ${prefix} is not a byte`);
    const clash = this.#collections.find((each) => each.prefix === prefix || each.name === name);
    if (clash) throw new Error(`${this.store}: ${name} (${prefix}) overlaps ${clash.name} (${clash.prefix})`);
    this.#collections.push(collection);
    return collection;
  }
}

function codecOf(value: DescMessage | ValueCodec<unknown>): ValueCodec<unknown> {
  return "kind" in value ? (proto(value) as ValueCodec<unknown>) : value;
}
