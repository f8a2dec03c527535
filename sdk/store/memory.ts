import { copyBytes, packRange, unpack, pack } from "./byte_string.js";
import { SortedMap } from "./sorted_map.js";
import type { Database, DatabaseOp, DatabaseRange, Entry } from "./types.js";

/** A database that lives as long as the object. Behaves as LevelDB does: whole batches, ordered scans, empty values. */
export class MemoryDatabase implements Database {
  readonly #entries = new SortedMap<Uint8Array>();
  #open = true;

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertOpen();
    const value = this.#entries.get(pack(key));
    return value && copyBytes(value);
  }

  async *scan(range: DatabaseRange = {}): AsyncIterableIterator<Entry> {
    this.#assertOpen();
    let left = range.limit ?? Number.MAX_SAFE_INTEGER;
    for (const [key, value] of this.#entries.scan(packRange(range))) {
      if (left-- <= 0) return;
      yield [unpack(key), copyBytes(value)];
    }
  }

  async batch(ops: readonly DatabaseOp[], _opts: { sync: boolean }): Promise<void> {
    this.#assertOpen();
    for (const op of ops) {
      if (op.type === "put") this.#entries.set(pack(op.key), copyBytes(op.value));
      else this.#entries.delete(pack(op.key));
    }
  }

  async close(): Promise<void> {
    this.#open = false;
  }

  #assertOpen(): void {
    if (!this.#open) throw new Error("the memory database is closed; open a new one");
  }
}
