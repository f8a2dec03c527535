import { sha256Latin1 } from "../crypto/hash.js";
import { EMPTY_ROOT } from "./iavl/node.js";
import { ByteWriter } from "./wire.js";

/*
 * CometBFT's simple Merkle tree (RFC 6962 shape) over the stores: it turns their roots into the app hash. Leaves are
 * sorted by store name. Hashes are strings of 32 characters.
 */

export interface StoreRoot {
  readonly name: string;
  readonly rootHash: string;
}

/** What the sibling on one level adds around the hash from below. */
export interface SimpleStep {
  readonly prefix: string;
  readonly suffix: string;
}

const LEAF = "\x00";
const INNER = "\x01";

/** `roots` sorted by name. */
export function appHashOf(roots: readonly StoreRoot[]): string {
  return subtreeHash(roots.map(leafHash));
}

/** Steps from the leaf at `index` up to the root. */
export function simplePath(roots: readonly StoreRoot[], index: number): SimpleStep[] {
  const steps: SimpleStep[] = [];
  let hashes = roots.map(leafHash);
  let at = index;
  // From the root down; turned round at the end.
  while (hashes.length > 1) {
    const split = splitPoint(hashes.length);
    const left = hashes.slice(0, split);
    const right = hashes.slice(split);
    if (at < split) {
      steps.push({ prefix: INNER, suffix: subtreeHash(right) });
      hashes = left;
    } else {
      steps.push({ prefix: INNER + subtreeHash(left), suffix: "" });
      hashes = right;
      at -= split;
    }
  }
  return steps.reverse();
}

function leafHash({ name, rootHash }: StoreRoot): string {
  const leaf = new ByteWriter(128);
  leaf.latin1(LEAF);
  leaf.varint(name.length);
  leaf.latin1(name);
  leaf.varint(32);
  leaf.latin1(hashText(rootHash));
  return sha256Latin1(leaf.view());
}

function subtreeHash(hashes: readonly string[]): string {
  if (hashes.length === 0) return EMPTY_ROOT;
  if (hashes.length === 1) return hashes[0]!;
  const split = splitPoint(hashes.length);
  return hashText(INNER + subtreeHash(hashes.slice(0, split)) + subtreeHash(hashes.slice(split)));
}

/** The largest power of two below `count`. */
function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function hashText(text: string): string {
  const bytes = new ByteWriter(text.length);
  bytes.latin1(text);
  return sha256Latin1(bytes.view());
}
