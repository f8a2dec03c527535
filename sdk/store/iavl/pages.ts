import { sha256Latin1 } from "../../crypto/hash.js";
import type { ByteString } from "../byte_string.js";
import { pack } from "../byte_string.js";
import { CorruptionError } from "../errors.js";
import type { Database, DatabaseOp } from "../types.js";
import { ByteReader, ByteWriter, MalformedError } from "../wire.js";
import type { Node } from "./node.js";
import { readRecord, writeRecord } from "./record.js";

/*
 * Where nodes lie in the database. The nodes that one version writes to one tree are numbered in post-order (seq) and
 * packed 32 to a row, so a commit writes few large rows and a read brings neighbours along:
 *
 *   key    00 'n' ‖ version u64 ‖ store name length u8 ‖ store name ‖ page number u32
 *   value  row key ‖ records ‖ end offset u32 of each record ‖ record count u8 ‖ checksum (8 bytes of SHA-256 of all before)
 *
 * Version leads the row key, so that commits append in key order and LevelDB need not rewrite old rows. A node's hash
 * covers neither an inner node's key nor its children's places; the checksum does.
 */
const NODES_PER_PAGE_LOG2 = 5;
const NODES_PER_PAGE = 1 << NODES_PER_PAGE_LOG2;
const CHECKSUM_BYTES = 8;
const NODE_ROW = "\x00n";
/** Bytes of raw pages kept per tree, so that neighbours need no second read. */
const KEPT_BYTES = 1 << 20;

/** The nodes of one tree in the database. */
export class NodeStore {
  readonly #db: Database;
  readonly #name: string;
  readonly #kept = new Map<string, Uint8Array>();
  #keptBytes = 0;

  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** Fills a saved node from the database. Throws CorruptionError unless its bytes hash to what its parent says. */
  load(node: Node): void {
    const page = this.#page(node.version, node.seq >>> NODES_PER_PAGE_LOG2);
    try {
      readRecord(recordAt(page, node.seq & (NODES_PER_PAGE - 1)), node);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new CorruptionError(`store ${this.#name}, version ${node.version}, node ${node.seq}: ${error.message}`);
    }
  }

  writer(version: number): PageWriter {
    return new PageWriter((page) => this.#rowKey(version, page));
  }

  #page(version: number, number: number): Uint8Array {
    const id = `${version}/${number}`;
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    const key = this.#rowKey(version, number);
    const page = this.#db.get(key);
    const where = `store ${this.#name}, version ${version}, page ${number}`;
    if (page === undefined) throw new CorruptionError(`${where}: row is missing`);
    const sealed = page.length - CHECKSUM_BYTES;
    if (sealed <= key.length || checksum(page.subarray(0, sealed)) !== pack(page.subarray(sealed))) {
      throw new CorruptionError(`${where}: checksum does not match`);
    }
    if (pack(page.subarray(0, key.length)) !== pack(key)) throw new CorruptionError(`${where}: row belongs elsewhere`);
    this.#keep(id, page);
    return page;
  }

  #keep(id: string, page: Uint8Array): void {
    this.#kept.set(id, page);
    this.#keptBytes += page.length;
    // The oldest go first: a Map iterates in order of insertion.
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }

  #rowKey(version: number, page: number): Uint8Array {
    const key = new ByteWriter(15 + this.#name.length);
    key.latin1(NODE_ROW);
    key.u64(BigInt(version));
    key.u8(this.#name.length);
    key.latin1(this.#name);
    key.u32(page);
    return key.view();
  }
}

/** Seals one version's new nodes: numbers and hashes them, and packs them into rows. */
export class PageWriter {
  readonly rows: DatabaseOp[] = [];
  readonly #rowKey: (page: number) => Uint8Array;
  readonly #page = new ByteWriter(8192);
  #key: Uint8Array = new Uint8Array(0);
  #ends: number[] = [];
  #count = 0;

  constructor(rowKey: (page: number) => Uint8Array) {
    this.#rowKey = rowKey;
  }

  get count(): number {
    return this.#count;
  }

  /** Children come before their parents. */
  seal(node: Node): void {
    if (this.#ends.length === 0) this.#begin();
    node.hash = writeRecord(this.#page, node);
    node.seq = this.#count;
    this.#ends.push(this.#page.length);
    this.#count += 1;
    if (this.#ends.length === NODES_PER_PAGE) this.#end();
  }

  /** The rows, the last page's among them. */
  finish(): DatabaseOp[] {
    if (this.#ends.length > 0) this.#end();
    return this.rows;
  }

  #begin(): void {
    this.#key = this.#rowKey(this.#count >>> NODES_PER_PAGE_LOG2);
    this.#page.reset();
    this.#page.bytes(this.#key);
  }

  #end(): void {
    for (const end of this.#ends) this.#page.u32(end);
    this.#page.u8(this.#ends.length);
    this.#page.latin1(checksum(this.#page.view()));
    this.rows.push({ type: "put", key: this.#key, value: this.#page.copy() });
    this.#ends = [];
  }
}

/** A reader over the record in a slot of a page whose checksum holds. */
function recordAt(page: Uint8Array, slot: number): ByteReader {
  const countAt = page.length - CHECKSUM_BYTES - 1;
  const count = page[countAt]!;
  if (slot >= count) throw new MalformedError(`the page holds ${count} nodes`);
  const table = countAt - 4 * count;
  const end = new ByteReader(page, table + 4 * slot).u32();
  const start = slot === 0 ? keyLength(page) : new ByteReader(page, table + 4 * (slot - 1)).u32();
  return new ByteReader(page, start, end);
}

/** The row key leads the page; its length follows from the store name's. */
function keyLength(page: Uint8Array): number {
  const nameLengthAt = NODE_ROW.length + 8;
  return nameLengthAt + 1 + page[nameLengthAt]! + 4;
}

function checksum(bytes: Uint8Array): ByteString {
  return sha256Latin1(bytes).slice(0, CHECKSUM_BYTES);
}
