import type { ByteString, PackedRange } from "./byte_string.js";

/** Small enough that an insertion moves little, large enough that the list of chunks stays short. */
const CHUNK_LIMIT = 128;

interface Chunk<V> {
  keys: ByteString[];
  values: V[];
  /** The map's epoch when this chunk was made; an older chunk may be seen by a snapshot and is copied before a write. */
  epoch: number;
}

/** An ordered map: sorted chunks in a sorted list. Scans see the map as it was when they began, at no cost to begin. */
export class SortedMap<V> {
  #chunks: Chunk<V>[] = [];
  #epoch = 0;
  #chunksEpoch = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: ByteString): V | undefined {
    const chunk = this.#chunks[chunkOf(this.#chunks, key)];
    if (chunk === undefined) return undefined;
    const at = lowerBound(chunk.keys, key);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  set(key: ByteString, value: V): void {
    if (this.#chunks.length === 0) {
      this.#ownList().push({ keys: [key], values: [value], epoch: this.#epoch });
      this.#size = 1;
      return;
    }
    const index = Math.max(0, chunkOf(this.#chunks, key));
    const chunk = this.#ownChunk(index);
    const at = lowerBound(chunk.keys, key);
    if (chunk.keys[at] === key) {
      chunk.values[at] = value;
      return;
    }
    chunk.keys.splice(at, 0, key);
    chunk.values.splice(at, 0, value);
    this.#size += 1;
    if (chunk.keys.length > CHUNK_LIMIT) this.#split(index, chunk);
  }

  /** Removes the entry itself. */
  delete(key: ByteString): void {
    const index = chunkOf(this.#chunks, key);
    const present = this.#chunks[index];
    if (present === undefined || present.keys[lowerBound(present.keys, key)] !== key) return;
    const chunk = this.#ownChunk(index);
    const at = lowerBound(chunk.keys, key);
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    this.#size -= 1;
    if (chunk.keys.length === 0) this.#ownList().splice(index, 1);
  }

  clear(): void {
    this.#chunks = [];
    this.#size = 0;
    this.#chunksEpoch = this.#epoch;
  }

  /** The entries of the range as they are now, whatever is written while the caller iterates. */
  scan(range: PackedRange): IterableIterator<readonly [ByteString, V]> {
    this.#epoch += 1;
    return range.reverse ? descend(this.#chunks, range) : ascend(this.#chunks, range);
  }

  #split(index: number, chunk: Chunk<V>): void {
    const middle = chunk.keys.length >>> 1;
    this.#ownList().splice(index + 1, 0, {
      keys: chunk.keys.splice(middle),
      values: chunk.values.splice(middle),
      epoch: this.#epoch,
    });
  }

  #ownList(): Chunk<V>[] {
    if (this.#chunksEpoch !== this.#epoch) {
      this.#chunks = this.#chunks.slice();
      this.#chunksEpoch = this.#epoch;
    }
    return this.#chunks;
  }

  #ownChunk(index: number): Chunk<V> {
    const chunk = this.#chunks[index]!;
    if (chunk.epoch === this.#epoch) return chunk;
    const copy = { keys: chunk.keys.slice(), values: chunk.values.slice(), epoch: this.#epoch };
    this.#ownList()[index] = copy;
    return copy;
  }
}

/** Index of the first key ≥ `key`. */
function lowerBound(keys: readonly ByteString[], key: ByteString): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the last chunk that begins at or before `key`; −1 if none does. */
function chunkOf<V>(chunks: readonly Chunk<V>[], key: ByteString): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle]!.keys[0]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function* ascend<V>(chunks: readonly Chunk<V>[], { start, end }: PackedRange): IterableIterator<readonly [ByteString, V]> {
  const first = start === undefined ? 0 : Math.max(0, chunkOf(chunks, start));
  for (let index = first; index < chunks.length; index++) {
    const { keys, values } = chunks[index]!;
    for (let at = start === undefined ? 0 : lowerBound(keys, start); at < keys.length; at++) {
      const key = keys[at]!;
      if (end !== undefined && key >= end) return;
      yield [key, values[at]!];
    }
  }
}

function* descend<V>(chunks: readonly Chunk<V>[], { start, end }: PackedRange): IterableIterator<readonly [ByteString, V]> {
  const last = end === undefined ? chunks.length - 1 : chunkOf(chunks, end);
  for (let index = last; index >= 0; index--) {
    const { keys, values } = chunks[index]!;
    for (let at = (end === undefined ? keys.length : lowerBound(keys, end)) - 1; at >= 0; at--) {
      const key = keys[at]!;
      if (start !== undefined && key < start) return;
      yield [key, values[at]!];
    }
  }
}
