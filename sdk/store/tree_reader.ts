import type { Tree } from "./iavl/tree.js";
import { copyBytes, keyRange, toBytes, toKey } from "./key.js";
import type { Entry, KVReader, Range } from "./types.js";

/** Reads a tree for callers outside the store: bytes in, copies out. `tree` is asked for at every call. */
export class TreeReader implements KVReader {
  readonly #tree: () => Tree;
  constructor(tree: () => Tree) {
    this.#tree = tree;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.#tree().get(toKey(key));
    return value && copyBytes(value);
  }

  has(key: Uint8Array): boolean {
    return this.#tree().has(toKey(key));
  }

  scan(range?: Range): IterableIterator<Entry> {
    return entries(this.#tree(), range);
  }
}

function* entries(tree: Tree, range: Range | undefined): IterableIterator<Entry> {
  for (const leaf of tree.scan(keyRange(range))) yield [toBytes(leaf.key), copyBytes(leaf.value!)];
}
