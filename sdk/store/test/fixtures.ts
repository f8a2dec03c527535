import { type Database, type DatabaseOp, type DatabaseRange, type Entry, MemoryDatabase, type MultiStore } from "../index.js";

export const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
export const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString("latin1");
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** A matcher, typed as what toThrow takes. */
export const withCode = (code: string): Error => expect.objectContaining({ code }) as Error;

/** Writes `entries` (null deletes) into one store and commits. */
export async function commit(multi: MultiStore, store: string, entries: Readonly<Record<string, string | null>>): Promise<bigint> {
  const branch = multi.branch();
  for (const [key, value] of Object.entries(entries)) {
    if (value === null) branch.store(store).delete(ascii(key));
    else branch.store(store).set(ascii(key), ascii(value));
  }
  branch.merge();
  return (await multi.commit()).version;
}

/** A memory database that records batches, can fail one, and lets a test change its bytes. */
export class WatchedDatabase implements Database {
  readonly inner = new MemoryDatabase();
  readonly batches: { ops: readonly DatabaseOp[]; sync: boolean }[] = [];
  failNext: "before writing" | "after writing" | undefined;
  /** Held back until called, when set. */
  gate: Promise<void> | undefined;

  get(key: Uint8Array): Uint8Array | undefined {
    return this.inner.get(key);
  }

  scan(range?: DatabaseRange): AsyncIterable<Entry> {
    return this.inner.scan(range);
  }

  async batch(ops: readonly DatabaseOp[], opts: { sync: boolean }): Promise<void> {
    await this.gate;
    const failing = this.failNext;
    this.failNext = undefined;
    if (failing === "before writing") throw new Error("disk full");
    this.batches.push({ ops, sync: opts.sync });
    await this.inner.batch(ops, opts);
    if (failing === "after writing") throw new Error("EIO on fdatasync");
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async rows(): Promise<Entry[]> {
    const rows: Entry[] = [];
    for await (const row of this.inner.scan()) rows.push(row);
    return rows;
  }

  /** A copy with other contents. */
  static async holding(rows: readonly Entry[]): Promise<WatchedDatabase> {
    const db = new WatchedDatabase();
    await db.inner.batch(rows.map(([key, value]) => ({ type: "put", key, value })), { sync: false });
    return db;
  }
}
