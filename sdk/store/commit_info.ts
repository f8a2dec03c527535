import { sha256Latin1 } from "../crypto/hash.js";
import { CorruptionError } from "./errors.js";
import { EMPTY_ROOT } from "./iavl/node.js";
import { pack, unpack } from "./byte_string.js";
import type { Database, DatabaseOp } from "./types.js";
import { ByteReader, ByteWriter, MalformedError } from "./wire.js";

/*
 * One row per version says what was committed; one row points at the newest version.
 *
 *   00 'c' ‖ version u64   version u64 ‖ previous app hash ‖ app hash ‖ count varint ‖ stores ‖ checksum (8 bytes)
 *   store                  name length u8 ‖ name ‖ root hash ‖ root version varint ‖ root seq varint
 *   00 'h'                 version u64 ‖ checksum (8 bytes)
 *
 * The checksum is the start of SHA-256 over row key and row.
 */
export const MULTISTORE_PREFIX = 0x00;
const COMMIT_ROW = "\x00c";
const HEAD_ROW = "\x00h";
const CHECKSUM_BYTES = 8;

/** Where one store's root is at a version. An empty store: EMPTY_ROOT, version 0. */
export interface RootRef {
  readonly name: string;
  /** 32 characters, as all hashes here. */
  readonly rootHash: string;
  /** The version that wrote the root node. */
  readonly rootVersion: number;
  readonly rootSeq: number;
}

export interface CommitInfo {
  readonly version: number;
  readonly previousAppHash: string;
  readonly appHash: string;
  /** Sorted by name. */
  readonly roots: readonly RootRef[];
}

export function commitInfoOps(info: CommitInfo): DatabaseOp[] {
  const row = new ByteWriter();
  row.u64(BigInt(info.version));
  row.latin1(info.previousAppHash);
  row.latin1(info.appHash);
  row.varint(info.roots.length);
  for (const root of info.roots) {
    row.u8(root.name.length);
    row.latin1(root.name);
    row.latin1(root.rootHash);
    row.varint(root.rootVersion);
    row.varint(root.rootSeq);
  }
  const head = new ByteWriter();
  head.u64(BigInt(info.version));
  return [sealedRow(commitKey(info.version), row), sealedRow(unpack(HEAD_ROW), head)];
}

/** The newest commit; undefined if there is none. Throws CorruptionError if the head pointer and the commits disagree. */
export function readHead(db: Database): CommitInfo | undefined {
  const row = openRow(db, unpack(HEAD_ROW), "head pointer");
  const version = row === undefined ? 0 : Number(row.u64());
  // Both come in one batch: a commit beyond the pointer means that part of the database was lost.
  if (readCommitInfo(db, version + 1) !== undefined) {
    throw new CorruptionError(`the head pointer says version ${version}, yet version ${version + 1} was committed`);
  }
  if (row === undefined) return undefined;
  const head = readCommitInfo(db, version);
  if (head === undefined) throw new CorruptionError(`the head pointer says version ${version}, whose commit info is missing`);
  return head;
}

/** Undefined if the version is not in the database. */
export function readCommitInfo(db: Database, version: number): CommitInfo | undefined {
  const where = `commit info of version ${version}`;
  const row = openRow(db, commitKey(version), where);
  if (row === undefined) return undefined;
  try {
    const stored = Number(row.u64());
    if (stored !== version) throw new CorruptionError(`${where}: row says version ${stored}`);
    const previousAppHash = row.latin1(32);
    const appHash = row.latin1(32);
    const roots = Array.from({ length: row.varint() }, () => readRoot(row));
    return { version, previousAppHash, appHash, roots };
  } catch (error) {
    if (error instanceof MalformedError) throw new CorruptionError(`${where}: ${error.message}`);
    throw error;
  }
}

export function isEmptyRoot(root: RootRef): boolean {
  return root.rootHash === EMPTY_ROOT;
}

function readRoot(row: ByteReader): RootRef {
  const name = row.latin1(row.u8());
  return { name, rootHash: row.latin1(32), rootVersion: row.varint(), rootSeq: row.varint() };
}

function commitKey(version: number): Uint8Array {
  const key = new ByteWriter(16);
  key.latin1(COMMIT_ROW);
  key.u64(BigInt(version));
  return key.copy();
}

function sealedRow(key: Uint8Array, row: ByteWriter): DatabaseOp {
  row.latin1(checksum(key, row.view()));
  return { type: "put", key, value: row.copy() };
}

function openRow(db: Database, key: Uint8Array, where: string): ByteReader | undefined {
  const bytes = db.get(key);
  if (bytes === undefined) return undefined;
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 0 || pack(bytes.subarray(end)) !== checksum(key, bytes.subarray(0, end))) {
    throw new CorruptionError(`${where}: checksum does not match`);
  }
  return new ByteReader(bytes, 0, end);
}

function checksum(key: Uint8Array, row: Uint8Array): string {
  const input = new ByteWriter(key.length + row.length);
  input.bytes(key);
  input.bytes(row);
  return sha256Latin1(input.view()).slice(0, CHECKSUM_BYTES);
}
