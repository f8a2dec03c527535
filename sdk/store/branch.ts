import { type ByteString, pack, packKey, packRange, packValue, unpack } from "./byte_string.js";
import { SortedMap } from "./sorted_map.js";
import type { Branch, Entry, KVReader, KVStore, Range, State, StateReader } from "./types.js";

/** What a branch knows of a key: its new value, or null for "deleted here". */
export type Change = ByteString | null;

/** One store's pending writes over what lies beneath. */
export class Overlay implements KVStore {
  readonly changes = new SortedMap<Change>();
  readonly #base: KVReader;
  constructor(base: KVReader) {
    this.#base = base;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const change = this.changes.get(pack(key));
    if (change === undefined) return this.#base.get(key);
    return change === null ? undefined : unpack(change);
  }

  has(key: Uint8Array): boolean {
    const change = this.changes.get(pack(key));
    return change === undefined ? this.#base.has(key) : change !== null;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.changes.set(packKey(key), packValue(value));
  }

  delete(key: Uint8Array): void {
    this.changes.set(packKey(key), null);
  }

  scan(range?: Range): IterableIterator<Entry> {
    const bounds = packRange(range);
    // Both sides are taken now, before the caller can write.
    return mergeScan(this.changes.scan(bounds), this.#base.scan(range), bounds.reverse);
  }

  /** Takes a change over from a branch. */
  absorb(key: ByteString, change: Change): void {
    this.changes.set(key, change);
  }
}

/** Joins two ordered scans; a change hides the entry beneath it. */
function* mergeScan(
  changes: IterableIterator<readonly [ByteString, Change]>,
  base: IterableIterator<Entry>,
  reverse: boolean,
): IterableIterator<Entry> {
  let change = changes.next();
  let below = base.next();
  while (!change.done || !below.done) {
    const belowKey = below.done ? undefined : pack(below.value[0]);
    const changeKey = change.done ? undefined : change.value[0];
    if (changeKey === undefined || (belowKey !== undefined && (reverse ? belowKey > changeKey : belowKey < changeKey))) {
      yield below.value as Entry;
      below = base.next();
      continue;
    }
    const value = (change.value as readonly [ByteString, Change])[1];
    if (value !== null) yield [unpack(changeKey), unpack(value)];
    if (belowKey === changeKey) below = base.next();
    change = changes.next();
  }
}

/** Overlays over every store of a state. Reads that miss them fall through to the base as it is at that moment. */
export class OverlayState implements State {
  protected readonly overlays = new Map<string, Overlay>();
  constructor(private readonly base: StateReader) {}

  store(name: string): Overlay {
    const known = this.overlays.get(name);
    if (known !== undefined) return known;
    const made = new Overlay(this.base.reader(name));
    this.overlays.set(name, made);
    return made;
  }

  /** The overlay that a branch of this state merges into. */
  writable(name: string): Overlay {
    return this.store(name);
  }

  reader(name: string): KVReader {
    return this.store(name);
  }

  branch(): Branch {
    return new BranchState(this);
  }
}

class BranchState extends OverlayState implements Branch {
  constructor(private readonly parent: OverlayState) {
    super(parent);
  }

  merge(): void {
    for (const [name, overlay] of this.overlays) {
      if (overlay.changes.size === 0) continue;
      const target = this.parent.writable(name);
      for (const [key, change] of overlay.changes.scan({ start: undefined, end: undefined, reverse: false })) {
        target.absorb(key, change);
      }
      overlay.changes.clear();
    }
  }
}
