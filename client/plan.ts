import { BLOB_PAYLOAD_BYTES, rowsOf, type FileRecord, type Profile } from "nild/nilfs";
import type { SlotRun } from "./sessions.js";

/** A stretch of rows that is fetched at once: one session per slot. */
export interface ReadWindow {
  /** Rows counted over all user MDUs: [firstRow, endRow). */
  readonly firstRow: number;
  readonly endRow: number;
  /** Data slots that hold bytes of the file in these rows. */
  readonly slots: readonly number[];
}

/** Keeps a window's bytes (K slots of it) below what a browser tab bears. */
export const MAX_WINDOW_ROWS = 128;

/** The windows of bytes [from, to) of a file, in order. */
export function planWindows(profile: Profile, file: FileRecord, from: number, to: number, maxBlobsPerSession: number): ReadWindow[] {
  if (from >= to) return [];
  const { k } = profile;
  const firstBlob = quotient(file.startOffset + from, BLOB_PAYLOAD_BYTES);
  const lastBlob = quotient(file.startOffset + to - 1, BLOB_PAYLOAD_BYTES);
  const height = Math.max(1, Math.min(MAX_WINDOW_ROWS, maxBlobsPerSession));
  const windows: ReadWindow[] = [];
  // A user MDU is 64 blobs and K divides 64, so blob b of the payload lies in row b/K of slot b mod K, over all MDUs.
  for (let firstRow = quotient(firstBlob, k); firstRow <= quotient(lastBlob, k); firstRow += height) {
    const begin = Math.max(firstBlob, firstRow * k);
    const end = Math.min(lastBlob, (firstRow + height) * k - 1);
    const slots = new Set<number>();
    for (let blob = begin; blob <= end && slots.size < k; blob++) slots.add(blob % k);
    windows.push({ firstRow, endRow: quotient(end, k) + 1, slots: [...slots].sort((a, b) => a - b) });
  }
  return windows;
}

/** The window as the run of a session. */
export function runOf(profile: Profile, witnessMdus: number, window: ReadWindow): SlotRun {
  const rows = rowsOf(profile);
  return {
    startMdu: 1 + witnessMdus + quotient(window.firstRow, rows),
    startRow: window.firstRow % rows,
    blobs: window.endRow - window.firstRow,
  };
}

/** The window's row that a blob of the slab lies in, counted over all user MDUs. */
export function rowAt(profile: Profile, witnessMdus: number, mduIndex: number, leafIndex: number): number {
  const rows = rowsOf(profile);
  return (mduIndex - 1 - witnessMdus) * rows + (leafIndex % rows);
}

function quotient(a: number, b: number): number {
  return Math.floor(a / b);
}
