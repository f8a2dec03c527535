import { createHash } from "node:crypto";
import { mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { isZeroBlob } from "nild/client";
import { BLOB_BYTES } from "nild/nilfs";
import { HttpError } from "./errors.js";
import { isMissing, readJailed, syncDirectory, writeFileDurably } from "./files.js";

/**
 * `staging`: received, not verified. `acked`: verified and signed for, by root, until a commit decides. `deals`: what the
 * chain holds. `repair`: being rebuilt.
 */
export type Area = "staging" | "acked" | "deals" | "repair";

/** One generation of one deal; `root` (96 hex digits) tells acked ones apart. */
export interface Place {
  readonly area: Area;
  readonly dealId: bigint;
  readonly generation: bigint;
  readonly root?: string;
}

const OBJECT = ".bin";
const SUMS = ".sums";
const HASH_BYTES = 32;

/**
 * Objects on disk: data/<area>/<deal>/<generation>/<artifact>, each beside a file of hashes made when it came: SHA-256 of
 * the whole, then of every blob. Reads are checked against them.
 */
export class ObjectStore {
  #usedBytes = 0;
  #reservedBytes = 0;
  /** Writes and moves of one generation go one after the other. */
  readonly #lanes = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly root: string,
    private readonly quotaBytes: number,
  ) {}

  static async open(home: string, quotaBytes: number): Promise<ObjectStore> {
    const data = path.join(home, "data");
    for (const area of ["staging", "acked", "deals", "repair"]) await mkdir(path.join(data, area), { recursive: true, mode: 0o700 });
    const store = new ObjectStore(await realpath(data), quotaBytes);
    store.#usedBytes = await sweep(store.root);
    return store;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  directory(place: Place): string {
    const base = path.join(this.root, place.area, place.dealId.toString(), place.generation.toString());
    return place.root === undefined ? base : path.join(base, place.root);
  }

  /** Runs alone among the work on this deal's generation. */
  exclusively<T>({ dealId, generation }: Pick<Place, "dealId" | "generation">, work: () => Promise<T>): Promise<T> {
    const key = `${dealId}/${generation}`;
    const done = (this.#lanes.get(key) ?? Promise.resolve()).then(work, work);
    this.#lanes.set(key, done);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    void settled.then(() => this.#lanes.get(key) === done && this.#lanes.delete(key));
    return done;
  }

  /** Stores an object of whole blobs. @throws HttpError `insufficient_storage`. */
  async write(place: Place, name: string, bytes: Uint8Array): Promise<void> {
    const directory = this.directory(place);
    const chunks: { at: number; bytes: Uint8Array }[] = [];
    for (let at = 0; at < bytes.length; at += BLOB_BYTES) {
      const blob = bytes.subarray(at, at + BLOB_BYTES);
      if (!isZeroBlob(blob)) chunks.push({ at, bytes: blob });
    }
    const size = chunks.length * BLOB_BYTES;
    if (this.#usedBytes + this.#reservedBytes + size > this.quotaBytes) {
      throw new HttpError("insufficient_storage", `this provider has ${this.quotaBytes - this.#usedBytes} bytes left`);
    }
    this.#reservedBytes += size;
    try {
      const replaced = await usageOf(path.join(directory, name));
      await mkdir(directory, { recursive: true, mode: 0o700 });
      // An object counts as stored once its hashes are there; they go first and come last.
      await rm(path.join(directory, name + SUMS), { force: true });
      await writeFileDurably(path.join(directory, name), chunks, bytes.length);
      const sums = sumsOf(bytes);
      await writeFileDurably(path.join(directory, name + SUMS), [{ at: 0, bytes: sums }], sums.length);
      // Not `+= await`: that would add to what the count was before the wait.
      const taken = await usageOf(path.join(directory, name));
      this.#usedBytes += taken - replaced;
    } finally {
      this.#reservedBytes -= size;
    }
  }

  /**
   * Blobs [from, to) of an object. `unchecked` hands out what the disk has.
   * @throws HttpError `object_missing`, `corrupt_object` when the bytes are not those that were stored, `forbidden_link`.
   */
  async read(place: Place, name: string, from: number, to: number, options: { unchecked?: boolean } = {}): Promise<Uint8Array> {
    const directory = this.directory(place);
    const bytes = await readJailed(directory, name, from * BLOB_BYTES, (to - from) * BLOB_BYTES);
    const sums = await readJailed(directory, name + SUMS, HASH_BYTES * (1 + from), HASH_BYTES * (to - from));
    if (bytes === undefined || sums === undefined) throw new HttpError("object_missing", `${name} is not stored for deal ${place.dealId}, generation ${place.generation}`);
    if (options.unchecked === true) return bytes;
    for (let i = 0; i < to - from; i++) {
      const actual = sha256(bytes.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES));
      if (!actual.equals(sums.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))) {
        throw new HttpError("corrupt_object", `${name}, blob ${from + i}: the disk does not hold what was stored; read from another provider`);
      }
    }
    return bytes;
  }

  /** SHA-256 of the whole, in hex, of every stored object by name. */
  async list(place: Place): Promise<Map<string, string>> {
    const directory = this.directory(place);
    const sums = new Map<string, string>();
    for (const file of await listDirectory(directory)) {
      if (!file.endsWith(SUMS)) continue;
      const hash = await readJailed(directory, file, 0, HASH_BYTES);
      if (hash !== undefined) sums.set(file.slice(0, -SUMS.length), Buffer.from(hash).toString("hex"));
    }
    return sums;
  }

  /** The whole directory takes the other's place, at once. */
  async move(from: Place, to: Place): Promise<void> {
    const target = this.directory(to);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await this.remove(to);
    await rename(this.directory(from), target);
    await syncDirectory(path.dirname(target));
  }

  async removeObject(place: Place, name: string): Promise<void> {
    const file = path.join(this.directory(place), name);
    const freed = await usageOf(file);
    await rm(file + SUMS, { force: true });
    await rm(file, { force: true });
    this.#usedBytes -= freed;
  }

  async remove(place: Place): Promise<void> {
    const directory = this.directory(place);
    const freed = await usageOf(directory);
    await rm(directory, { recursive: true, force: true });
    this.#usedBytes -= freed;
  }

  /** Roots (96 hex digits) that were acknowledged for a generation and wait for a commit. */
  async ackedRoots(dealId: bigint, generation: bigint): Promise<string[]> {
    const names = await listDirectory(this.directory({ area: "acked", dealId, generation }));
    return names.filter((name) => /^[0-9a-f]{96}$/.test(name));
  }

  /** What an area holds: its deals and their generations. */
  async generations(area: Area): Promise<{ dealId: bigint; generation: bigint }[]> {
    const found: { dealId: bigint; generation: bigint }[] = [];
    for (const deal of await listDirectory(path.join(this.root, area))) {
      for (const generation of await listDirectory(path.join(this.root, area, deal))) {
        if (isId(deal) && isId(generation)) found.push({ dealId: BigInt(deal), generation: BigInt(generation) });
      }
    }
    return found;
  }
}

function sumsOf(bytes: Uint8Array): Uint8Array {
  const parts = [sha256(bytes)];
  for (let at = 0; at < bytes.length; at += BLOB_BYTES) parts.push(sha256(bytes.subarray(at, at + BLOB_BYTES)));
  return Buffer.concat(parts);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function isId(name: string): boolean {
  return /^[1-9][0-9]{0,19}$/.test(name);
}

async function listDirectory(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Bytes that an object, or all objects of a tree, take on disk. */
async function usageOf(target: string): Promise<number> {
  try {
    const info = await stat(target);
    if (!info.isDirectory()) return target.endsWith(OBJECT) ? info.blocks * 512 : 0;
    let sum = 0;
    for (const name of await readdir(target)) sum += await usageOf(path.join(target, name));
    return sum;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Removes what interrupted writes left and counts the rest. */
async function sweep(directory: string): Promise<number> {
  let used = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const target = path.join(directory, entry.name);
    if (entry.isDirectory()) used += await sweep(target);
    else if (entry.name.startsWith(".tmp-")) await rm(target, { force: true });
    else used += entry.isFile() ? await usageOf(target) : 0;
  }
  return used;
}
