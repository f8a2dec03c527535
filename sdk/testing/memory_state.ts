import type { Branch, Entry, KVStore, Range, State } from "../store/types.js";

type Table = Map<string, Uint8Array>;

/** An unauthenticated state for keeper tests: sorted on demand, branches are copies. Stores appear when first named. */
export class MemoryState implements Branch {
  #tables: Map<string, Table>;
  readonly #parent: MemoryState | undefined;
  constructor(parent?: MemoryState) {
    this.#parent = parent;
    this.#tables = new Map([...(parent?.tables() ?? [])].map(([name, table]) => [name, new Map(table)]));
  }

  tables(): Map<string, Table> {
    return this.#tables;
  }

  reader(name: string): KVStore {
    return this.store(name);
  }

  store(name: string): KVStore {
    const table = this.#table(name);
    return {
      get: (key) => table.get(toText(key))?.slice(),
      has: (key) => table.has(toText(key)),
      scan: (range) => scan(table, range),
      set(key, value) {
        if (key.length === 0 || value.length === 0) throw new Error(`store ${name}: empty key or value`);
        table.set(toText(key), value.slice());
      },
      delete: (key) => void table.delete(toText(key)),
    };
  }

  branch(): Branch {
    return new MemoryState(this);
  }

  merge(): void {
    if (!this.#parent) throw new Error("the root state has nothing to merge into");
    for (const [name, table] of this.#tables) {
      const target = this.#parent.#table(name);
      target.clear();
      for (const [key, value] of table) target.set(key, value);
    }
  }

  #table(name: string): Table {
    let table = this.#tables.get(name);
    if (!table) this.#tables.set(name, (table = new Map()));
    return table;
  }
}

/** Latin-1 text orders as its bytes do. */
function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function* scan(table: Table, range: Range = {}): IterableIterator<Entry> {
  const start = range.start && toText(range.start);
  const end = range.end && toText(range.end);
  const hits = [...table.keys()].filter((key) => (start === undefined || key >= start) && (end === undefined || key < end));
  hits.sort((a, b) => (a < b ? -1 : 1));
  if (range.reverse) hits.reverse();
  const entries = hits.map((key): Entry => [new Uint8Array(Buffer.from(key, "latin1")), table.get(key)!.slice()]);
  yield* entries;
}
