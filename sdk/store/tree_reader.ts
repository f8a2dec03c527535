import type { Tree } from "./iavl/tree.js";
import { packRange, unpack, pack } from "./byte_string.js";
import type { Entry, KVReader, Range } from "./types.js";

/** Reads a tree for callers outside the store: bytes in, copies out. `tree` is asked for at every call. */
export class TreeReader implements KVReader {
  readonly #tree: () => Tree;
  constructor(tree: () => Tree) {
    this.#tree = tree;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.#tree().get(pack(key));
    return value === undefined ? undefined : unpack(value);
  }

  has(key: Uint8Array): boolean {
    return this.#tree().has(pack(key));
  }

  scan(range?: Range): IterableIterator<Entry> {
    return entries(this.#tree(), range);
  }
}

function* entries(tree: Tree, range: Range | undefined): IterableIterator<Entry> {
  for (const leaf of tree.scan(packRange(range))) yield [unpack(leaf.key), unpack(leaf.value!)];
}
