import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Item, KeyMap, KeySet, Sequence } from "./collections.js";
import { IndexedMap, type MakeIndex, MultiIndex } from "./indexed_map.js";
import type { Collection } from "./key_space.js";
import type { KeyCodec } from "./keys.js";
import { type ValueCodec, proto } from "./values.js";

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
