import { sha256Latin1 } from "../../crypto/hash.js";
import { type ByteReader, type ByteWriter, MalformedError } from "../wire.js";
import { Node } from "./node.js";

/*
 * A node as bytes. The record begins with exactly what the node's hash covers (as cosmos/iavl defines it), so that
 * writing and hashing are one pass, and a read is checked without encoding anything again:
 *
 *   leaf   zigzag varints 0, 1, version ‖ key length varint ‖ key ‖ 32 ‖ SHA-256(value)          | value
 *   inner  zigzag varints height, size, version ‖ 32 ‖ left hash ‖ 32 ‖ right hash               | key length varint ‖
 *          key ‖ version and seq varints of left, then of right
 */
const HASH_BYTES = 32;

/** Appends the node's record and returns its hash. Inner nodes: the children must be sealed. */
export function writeRecord(out: ByteWriter, node: Node): string {
  const start = out.length;
  writeHashPrefix(out, node);
  if (node.height === 0) {
    out.varint(node.key.length);
    out.latin1(node.key);
    out.u8(HASH_BYTES);
    const valueHashAt = out.length;
    const covered = valueHashAt + HASH_BYTES;
    out.skip(HASH_BYTES);
    out.latin1(node.value!);
    out.patchLatin1(valueHashAt, sha256Latin1(out.view(covered)));
    return sha256Latin1(out.view(start, covered));
  }
  const left = node.left!;
  const right = node.right!;
  out.u8(HASH_BYTES);
  out.latin1(left.hash);
  out.u8(HASH_BYTES);
  out.latin1(right.hash);
  const hash = sha256Latin1(out.view(start));
  out.varint(node.key.length);
  out.latin1(node.key);
  out.varint(left.version);
  out.varint(left.seq);
  out.varint(right.version);
  out.varint(right.seq);
  return hash;
}

/** zigzag varints of height, size and version: what both kinds of node hash first. */
export function writeHashPrefix(out: ByteWriter, node: Node): void {
  out.zigzag(node.height);
  out.zigzag(node.size);
  out.zigzag(node.version);
}

/** Fills a node from its record. Throws MalformedError unless the record hashes to node.hash and is well formed. */
export function readRecord(record: ByteReader, node: Node): void {
  const start = record.at;
  const height = record.zigzag();
  const size = record.zigzag();
  const version = record.zigzag();
  if (version !== node.version) throw new MalformedError(`record is of version ${version}`);
  if (height === 0) {
    const key = record.latin1(record.varint());
    const valueHash = readHash(record);
    matchHash(record, start, node.hash);
    const valueAt = record.at;
    const value = record.latin1(record.left);
    matchHash(record, valueAt, valueHash);
    node.key = key;
    node.value = value;
  } else {
    const leftHash = readHash(record);
    const rightHash = readHash(record);
    matchHash(record, start, node.hash);
    node.key = record.latin1(record.varint());
    node.left = new Node(record.varint(), record.varint(), leftHash);
    node.right = new Node(record.varint(), record.varint(), rightHash);
  }
  node.size = size;
  node.height = height;
}

function readHash(record: ByteReader): string {
  if (record.u8() !== HASH_BYTES) throw new MalformedError("a hash has the wrong length");
  return record.latin1(HASH_BYTES);
}

/** The bytes read since `start` must hash to `hash`. */
function matchHash(record: ByteReader, start: number, hash: string): void {
  if (sha256Latin1(record.since(start)) !== hash) throw new MalformedError("bytes do not match the hash above them");
}
