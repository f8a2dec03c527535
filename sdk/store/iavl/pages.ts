import { sha256Latin1 } from "../../crypto/hash.js";
import { CorruptionError } from "../errors.js";
import type { Database, DatabaseOp } from "../types.js";
import { ByteReader, ByteWriter, TruncatedError } from "../wire.js";
import { Node, NodeHasher } from "./node.js";

/*
 * Where nodes lie in the database. The nodes that one version writes to one tree are numbered in post-order (seq) and
 * packed 32 to a row, so a commit writes a few large rows and a read brings neighbours along:
 *
 *   key    00 'n' ‖ version u64 ‖ store name length u8 ‖ store name ‖ page number u32
 *   value  checksum (8 bytes of SHA-256 over key ‖ rest) ‖ node count u8 ‖ end offset u32 per node ‖ nodes
 *   leaf   00 ‖ key length varint ‖ key ‖ value
 *   inner  height u8 ‖ size varint ‖ key length varint ‖ key ‖ for left and right: version varint, seq varint, hash
 *
 * Version leads the row key, so that commits append in key order and LevelDB never has to rewrite old rows. The node
 * hash covers neither an inner node's key nor its children's places; the checksum does.
 */
const NODES_PER_PAGE_LOG2 = 5;
const NODES_PER_PAGE = 1 << NODES_PER_PAGE_LOG2;
const CHECKSUM_BYTES = 8;
/** Bytes of raw pages kept per tree, so that neighbours need no second read. */
const KEPT_BYTES = 1 << 20;

export const NODE_ROW = [0x00, 0x6e] as const;

/** Reads and writes the nodes of one tree. */
export class NodeStore {
  readonly hasher = new NodeHasher();
  readonly #db: Database;
  readonly #name: string;
  readonly #scratch = new ByteWriter(8192);
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
      decodeNode(node, page, node.seq & (NODES_PER_PAGE - 1));
    } catch (error) {
      if (error instanceof TruncatedError) throw this.#corrupt(node, error.message);
      throw error;
    }
    if (this.hasher.hash(node) !== node.hash) throw this.#corrupt(node, "bytes do not match the hash in the parent");
  }

  /** The rows of a version's new nodes, which must be in order of seq. */
  rows(version: number, nodes: readonly Node[]): DatabaseOp[] {
    const ops: DatabaseOp[] = [];
    for (let first = 0; first < nodes.length; first += NODES_PER_PAGE) {
      const key = this.#rowKey(version, first >>> NODES_PER_PAGE_LOG2);
      ops.push({ type: "put", key, value: this.#encodePage(key, nodes, first) });
    }
    return ops;
  }

  #encodePage(key: Uint8Array, nodes: readonly Node[], first: number): Uint8Array {
    const page = this.#scratch;
    const count = Math.min(NODES_PER_PAGE, nodes.length - first);
    page.reset();
    for (let i = 0; i < CHECKSUM_BYTES; i++) page.u8(0);
    page.u8(count);
    const table = page.length;
    for (let i = 0; i < count; i++) page.u32(0);
    for (let i = 0; i < count; i++) {
      encodeNode(page, nodes[first + i]!);
      page.patchU32(table + 4 * i, page.length);
    }
    const bytes = page.copy();
    setChecksum(bytes, checksum(key, bytes));
    return bytes;
  }

  #page(version: number, number: number): Uint8Array {
    const id = `${version}/${number}`;
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    const key = this.#rowKey(version, number);
    const bytes = this.#db.get(key);
    const where = `store ${this.#name}, version ${version}, page ${number}`;
    if (bytes === undefined) throw new CorruptionError(`${where}: row is missing`);
    if (bytes.length < CHECKSUM_BYTES || checksum(key, bytes) !== readChecksum(bytes)) {
      throw new CorruptionError(`${where}: checksum does not match`);
    }
    this.#keep(id, bytes);
    return bytes;
  }

  #keep(id: string, bytes: Uint8Array): void {
    this.#kept.set(id, bytes);
    this.#keptBytes += bytes.length;
    // The oldest go first: a Map iterates in order of insertion.
    for (const [oldest, page] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= page.length;
    }
  }

  #rowKey(version: number, page: number): Uint8Array {
    const key = new ByteWriter(15 + this.#name.length);
    key.u8(NODE_ROW[0]);
    key.u8(NODE_ROW[1]);
    key.u64(BigInt(version));
    key.u8(this.#name.length);
    key.latin1(this.#name);
    key.u32(page);
    return key.view();
  }

  #corrupt(node: Node, detail: string): CorruptionError {
    node.unload();
    return new CorruptionError(`store ${this.#name}, version ${node.version}, node ${node.seq}: ${detail}`);
  }
}

function encodeNode(page: ByteWriter, node: Node): void {
  page.u8(node.height);
  if (node.height === 0) {
    page.varint(node.key.length);
    page.latin1(node.key);
    page.bytes(node.value!);
    return;
  }
  page.varint(node.size);
  page.varint(node.key.length);
  page.latin1(node.key);
  encodeChild(page, node.left!);
  encodeChild(page, node.right!);
}

function encodeChild(page: ByteWriter, child: Node): void {
  page.varint(child.version);
  page.varint(child.seq);
  page.latin1(child.hash);
}

function decodeNode(node: Node, page: Uint8Array, slot: number): void {
  const head = new ByteReader(page, CHECKSUM_BYTES);
  const count = head.u8();
  if (slot >= count) throw new TruncatedError(`page holds ${count} nodes, node ${slot} is not among them`);
  let start = CHECKSUM_BYTES + 1 + 4 * count;
  let end = start;
  for (let i = 0; i <= slot; i++) {
    start = i === 0 ? start : end;
    end = head.u32();
  }
  const reader = new ByteReader(page, start, end);
  const height = reader.u8();
  if (height === 0) {
    node.key = reader.latin1(reader.varint());
    node.value = reader.bytes(reader.left);
    node.size = 1;
  } else {
    node.size = reader.varint();
    node.key = reader.latin1(reader.varint());
    node.left = decodeChild(reader);
    node.right = decodeChild(reader);
  }
  node.height = height;
}

function decodeChild(reader: ByteReader): Node {
  const version = reader.varint();
  const seq = reader.varint();
  return new Node(version, seq, reader.latin1(32));
}

/** SHA-256 over the row key and all of the page but its checksum; the first 8 characters. */
function checksum(key: Uint8Array, page: Uint8Array): string {
  const input = new Uint8Array(key.length + page.length - CHECKSUM_BYTES);
  input.set(key);
  input.set(page.subarray(CHECKSUM_BYTES), key.length);
  return sha256Latin1(input).slice(0, CHECKSUM_BYTES);
}

function setChecksum(page: Uint8Array, sum: string): void {
  for (let i = 0; i < CHECKSUM_BYTES; i++) page[i] = sum.charCodeAt(i);
}

function readChecksum(page: Uint8Array): string {
  return String.fromCharCode(...page.subarray(0, CHECKSUM_BYTES));
}
