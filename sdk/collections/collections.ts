import type { ExecCtx, ReadCtx } from "../context.js";
import { sdkErr } from "../errors.js";
import { type Collection, KeySpace, type ScanOptions, take } from "./key_space.js";
import type { KeyCodec } from "./keys.js";
import { type ValueCodec, v } from "./values.js";

/** ICS-23 refuses empty values, so presence is this byte. */
const PRESENT = Uint8Array.of(1);

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
