import { readdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import type { Database, DatabaseOp, DatabaseRange, Entry } from "nild/sdk";
import { NodeError, errnoOf, messageOf } from "../errors.js";

export type DatabaseErrorCode = "db.missing" | "db.locked" | "db.corrupt" | "db.io" | "db.closed";

/** A fault of the database beneath the node. After a failed write the outcome is unknown: stop, never retry. */
export class DatabaseError extends NodeError {
  /** No message may fail for it: the node stops (isFatal of nild/sdk). */
  readonly fatal = true;
  constructor(code: DatabaseErrorCode, message: string, hint: string, cause?: unknown) {
    super(code, message, hint, cause === undefined ? undefined : { cause });
  }
}

export interface LevelOptions {
  /** Make the database if there is none. Only `init` and tests do: elsewhere a missing database is a fault (S2). */
  create?: boolean;
}

/** A block's rows reach the log in one write; a larger memtable saves rewriting them at each block. */
const WRITE_BUFFER_BYTES = 32 * 1024 * 1024;
const BLOCK_CACHE_BYTES = 32 * 1024 * 1024;

/**
 * Opens the LevelDB in `directory`. Throws DatabaseError: `db.missing`, `db.locked` (another process has it),
 * `db.corrupt`, `db.io`.
 */
export async function openLevel(directory: string, options: LevelOptions = {}): Promise<LevelDatabase> {
  const create = options.create ?? false;
  if (create) await refuseHalfDatabase(directory);
  const level: Level = new ClassicLevel(directory, {
    createIfMissing: create,
    keyEncoding: "view",
    valueEncoding: "view",
    // Node pages are mostly hashes, which do not compress.
    compression: false,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: BLOCK_CACHE_BYTES,
  });
  try {
    await level.open();
  } catch (error) {
    throw openingError(directory, error);
  }
  return new LevelDatabase(level);
}

type Level = ClassicLevel<Uint8Array, Uint8Array>;

/** The database port on classic-level. */
export class LevelDatabase implements Database {
  readonly #level: Level;
  constructor(level: Level) {
    this.#level = level;
  }

  /** Bytes on disk are not checked by LevelDB: what must be right carries its own hash. */
  get(key: Uint8Array): Uint8Array | undefined {
    try {
      const value = this.#level.getSync(key);
      return value && plain(value);
    } catch (error) {
      throw workingError("reading", error);
    }
  }

  async *scan(range: DatabaseRange = {}): AsyncIterableIterator<Entry> {
    const { start, end, reverse, limit } = range;
    const iterator = this.#level.iterator({
      ...(start ? { gte: start } : {}),
      ...(end ? { lt: end } : {}),
      reverse: reverse ?? false,
      limit: limit ?? -1,
    });
    try {
      for await (const [key, value] of iterator) yield [plain(key), plain(value)];
    } catch (error) {
      throw workingError("scanning", error);
    }
  }

  async batch(ops: readonly DatabaseOp[], { sync }: { sync: boolean }): Promise<void> {
    try {
      const chained = this.#level.batch();
      for (const op of ops) {
        if (op.type === "put") chained.put(op.key, op.value);
        else chained.del(op.key);
      }
      await chained.write({ sync });
    } catch (error) {
      throw workingError("writing", error);
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

/** classic-level gives Buffers, whose slice() shares memory where a Uint8Array's copies. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const RESTORE = "repair it, or restore a backup";

/** LevelDB that finds tables but no CURRENT file would start empty and delete them. */
async function refuseHalfDatabase(directory: string): Promise<void> {
  const files = await listFiles(directory);
  if (files.includes("CURRENT")) return;
  const remains = files.filter((name) => /\.(ldb|sst|log)$|^MANIFEST-/.test(name));
  if (remains.length > 0) {
    throw new DatabaseError("db.corrupt", `${directory} holds ${remains.length} database files but no CURRENT file`, RESTORE);
  }
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw new DatabaseError("db.io", `cannot list ${directory}: ${messageOf(error)}`, "check the path and its permissions", error);
  }
}

function openingError(directory: string, error: unknown): DatabaseError {
  const cause = causeOf(error);
  const message = `${directory}: ${messageOf(cause)}`;
  switch (errnoOf(cause)) {
    case "LEVEL_LOCKED":
      return new DatabaseError("db.locked", message, "another process has it open; stop that one first", cause);
    case "LEVEL_CORRUPTION":
      return new DatabaseError("db.corrupt", message, RESTORE, cause);
    default:
  }
  if (/does not exist/.test(message)) {
    return new DatabaseError("db.missing", message, "create the home with init, or restore a backup", cause);
  }
  return new DatabaseError("db.io", message, "check the path, its permissions and the disk", cause);
}

function workingError(doing: string, error: unknown): DatabaseError {
  const message = `${doing}: ${messageOf(error)}`;
  switch (errnoOf(error)) {
    case "LEVEL_DATABASE_NOT_OPEN":
      return new DatabaseError("db.closed", message, "open the database again", error);
    case "LEVEL_CORRUPTION":
      return new DatabaseError("db.corrupt", message, RESTORE, error);
    default:
      return new DatabaseError("db.io", message, "check the disk, then restart", error);
  }
}

/** classic-level wraps what LevelDB said while opening. */
function causeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "cause" in error ? (error.cause ?? error) : error;
}
