import { FIELD_ORDER, bigintAt, scalarBytes } from "./kzg/field.js";
import { BLOB_BYTES, CELL_BYTES } from "./profile.js";

/** The manifest blob: cell i is the root of MDU i mod r. */
export function buildManifest(roots: readonly Uint8Array[]): Uint8Array {
  const manifest = new Uint8Array(BLOB_BYTES);
  roots.forEach((root, i) => manifest.set(rootAsCell(root), i * CELL_BYTES));
  return manifest;
}

/** An MDU's Merkle root as a cell of the manifest: mod r, 32 bytes. */
export function rootAsCell(root: Uint8Array): Uint8Array {
  return scalarBytes(bigintAt(root, 0) % FIELD_ORDER);
}
