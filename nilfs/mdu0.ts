import { NilfsError } from "./errors.js";
import { isZero } from "./bytes.js";
import { MAX_PATH_BYTES, checkPath } from "./paths.js";
import { MAX_MDUS, MDU_BYTES, MDU_PAYLOAD_BYTES } from "./profile.js";
import type { FileRecord } from "./types.js";

/*
 * MDU 0, raw bytes with little-endian integers (storage.md B §2):
 * - root table from 0: 65,536 × 32 bytes, entry i the Merkle root of MDU i+1;
 * - file table from 2,097,152: a header of 128 bytes ("NILF", version, pad, record size u16, record count u32, zeros),
 *   then records of 64 bytes: start_offset u64, length (low 56 bits) and flags (top byte) u64, timestamp u64, path[40].
 */
const FILE_TABLE = 2_097_152;
const HEADER_BYTES = 128;
const RECORD_BYTES = 64;
const RECORDS = FILE_TABLE + HEADER_BYTES;
const PATH_AT = 24;
const MAGIC = 0x464c494e; // "NILF"
const VERSION = 1;
export const MAX_FILES = 98_302;
/** No offset or length of a slab is larger. */
const MAX_EXTENT = BigInt(MAX_MDUS * MDU_PAYLOAD_BYTES);

/** A record as it stands in the table; a tombstone keeps its extent and has no path. */
export type TableRecord = Omit<FileRecord, "path"> & { readonly path?: string };

export interface Mdu0 {
  /** Raw roots of MDU 1, 2, …, as many as asked for. */
  readonly roots: readonly Uint8Array[];
  readonly records: readonly TableRecord[];
}

/** @throws NilfsError `too_many_files`, `slab_too_large`, `bad_path`. */
export function buildMdu0(roots: readonly Uint8Array[], records: readonly FileRecord[]): Uint8Array {
  if (records.length > MAX_FILES) throw new NilfsError("too_many_files", `${records.length} files; a slab holds ${MAX_FILES}`);
  if (roots.length >= MAX_MDUS) throw new NilfsError("slab_too_large", `${roots.length + 1} MDUs; a slab holds ${MAX_MDUS}`);
  const mdu0 = new Uint8Array(MDU_BYTES);
  const view = new DataView(mdu0.buffer);
  roots.forEach((root, i) => mdu0.set(root, 32 * i));
  view.setUint32(FILE_TABLE, MAGIC, true);
  view.setUint8(FILE_TABLE + 4, VERSION);
  view.setUint16(FILE_TABLE + 6, RECORD_BYTES, true);
  view.setUint32(FILE_TABLE + 8, records.length, true);
  records.forEach((record, i) => {
    const at = RECORDS + RECORD_BYTES * i;
    view.setBigUint64(at, BigInt(record.startOffset), true);
    view.setBigUint64(at + 8, BigInt(record.length) | (BigInt(record.flags) << 56n), true);
    view.setBigUint64(at + 16, record.timestamp, true);
    mdu0.set(checkPath(record.path), at + PATH_AT);
  });
  return mdu0;
}

/**
 * Strict: what no writer of this format makes is refused, so one slab has one MDU 0.
 * @param mduCount total MDUs of the slab. @throws NilfsError `bad_mdu0`, `bad_length`.
 */
export function parseMdu0(mdu0: Uint8Array, mduCount: number): Mdu0 {
  const rootsEnd = 32 * (mduCount - 1);
  const roots = Array.from({ length: mduCount - 1 }, (_, i) => mdu0.subarray(32 * i, 32 * (i + 1)));
  const records = parseFileTable(mdu0);
  if (!isZero(mdu0.subarray(rootsEnd, FILE_TABLE))) throw new NilfsError("bad_mdu0", `the root table holds entries beyond the slab's ${mduCount} MDUs`);
  return { roots, records };
}

/** The records of a file table, tombstones included. @throws NilfsError `bad_mdu0`, `bad_length`. */
export function parseFileTable(mdu0: Uint8Array): TableRecord[] {
  if (mdu0.length !== MDU_BYTES) throw new NilfsError("bad_length", `MDU 0 has ${mdu0.length} bytes, expected ${MDU_BYTES}`);
  const view = new DataView(mdu0.buffer, mdu0.byteOffset, mdu0.length);
  const header = { magic: view.getUint32(FILE_TABLE, true), version: mdu0[FILE_TABLE + 4], pad: mdu0[FILE_TABLE + 5], recordSize: view.getUint16(FILE_TABLE + 6, true) };
  if (header.magic !== MAGIC) throw new NilfsError("bad_mdu0", "the file table does not begin with NILF: this is not an MDU 0");
  if (header.version !== VERSION) throw new NilfsError("bad_mdu0", `file table of version ${header.version}; this software reads version ${VERSION}`);
  if (header.pad !== 0 || header.recordSize !== RECORD_BYTES) throw new NilfsError("bad_mdu0", "the file table's header has a wrong pad byte or record size");
  const count = view.getUint32(FILE_TABLE + 8, true);
  if (count > MAX_FILES) throw new NilfsError("bad_mdu0", `the file table claims ${count} records; it has room for ${MAX_FILES}`);
  const end = RECORDS + RECORD_BYTES * count;
  if (!isZero(mdu0.subarray(FILE_TABLE + 12, RECORDS)) || !isZero(mdu0.subarray(end))) {
    throw new NilfsError("bad_mdu0", "bytes that the file table does not use are not zero");
  }
  return Array.from({ length: count }, (_, i) => parseRecord(mdu0, view, i));
}

/** Live files, each path once: of several records with one path the last counts. @throws as `parseFileTable`. */
export function listFiles(mdu0: Uint8Array): FileRecord[] {
  const files = new Map<string, FileRecord>();
  for (const { path, ...record } of parseFileTable(mdu0)) if (path !== undefined) files.set(path, { path, ...record });
  return [...files.values()];
}

/** @throws NilfsError `file_not_found`, and as `parseFileTable`. */
export function findFile(mdu0: Uint8Array, path: string): FileRecord {
  const file = listFiles(mdu0).find((candidate) => candidate.path === path);
  if (file === undefined) throw new NilfsError("file_not_found", `no file ${JSON.stringify(path.slice(0, 80))} in this slab`);
  return file;
}

/** Payload extent: the highest end of any record, live or not, so that freed room still counts as written. */
export function extentOf(records: readonly TableRecord[]): number {
  return records.reduce((end, record) => Math.max(end, record.startOffset + record.length), 0);
}

/**
 * Payload bytes of one user MDU. Appends start on fresh MDUs, so an MDU in the middle of a slab may be filled in part;
 * how its last short group is packed depends on this number.
 */
export function extentInMdu(records: readonly TableRecord[], userMdu: number): number {
  const start = userMdu * MDU_PAYLOAD_BYTES;
  return records.reduce((extent, record) => {
    if (record.length === 0 || record.startOffset >= start + MDU_PAYLOAD_BYTES) return extent;
    return Math.max(extent, Math.min(MDU_PAYLOAD_BYTES, record.startOffset + record.length - start));
  }, 0);
}

function parseRecord(mdu0: Uint8Array, view: DataView, index: number): TableRecord {
  const at = RECORDS + RECORD_BYTES * index;
  const startOffset = view.getBigUint64(at, true);
  const lengthAndFlags = view.getBigUint64(at + 8, true);
  const length = lengthAndFlags & 0xff_ffff_ffff_ffffn;
  if (startOffset + length > MAX_EXTENT) throw new NilfsError("bad_mdu0", `file record ${index} ends beyond the largest slab`);
  const path = parsePath(mdu0.subarray(at + PATH_AT, at + PATH_AT + MAX_PATH_BYTES), index);
  const record = { startOffset: Number(startOffset), length: Number(length), timestamp: view.getBigUint64(at + 16, true), flags: Number(lengthAndFlags >> 56n) };
  return path === undefined ? record : { path, ...record };
}

function parsePath(field: Uint8Array, index: number): string | undefined {
  const end = field.indexOf(0) < 0 ? field.length : field.indexOf(0);
  if (!isZero(field.subarray(end))) throw new NilfsError("bad_mdu0", `file record ${index}: bytes after the end of its path`);
  if (end === 0) return undefined;
  try {
    const path = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(field.subarray(0, end));
    checkPath(path);
    return path;
  } catch (error) {
    const why = error instanceof NilfsError ? error.message : "it is not UTF-8";
    throw new NilfsError("bad_mdu0", `file record ${index} has a bad path: ${why}`);
  }
}
