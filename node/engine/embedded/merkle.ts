import { hash } from "node:crypto";

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const input = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  return Buffer.from(hash("sha256", input, "hex"), "hex");
}

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** Root of the RFC 6962 tree over the items; SHA-256 of nothing for no items. CometBFT's crypto/merkle. */
export function merkleRoot(items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return sha256(new Uint8Array(0));
  return rootOfLeaves(items.map((item) => sha256(LEAF, item)));
}

export interface MerkleProof {
  readonly total: number;
  readonly index: number;
  readonly leafHash: Uint8Array;
  /** Siblings from the leaf up. */
  readonly aunts: readonly Uint8Array[];
}

export function merkleProof(items: readonly Uint8Array[], index: number): MerkleProof {
  const leaves = items.map((item) => sha256(LEAF, item));
  return { total: items.length, index, leafHash: leaves[index]!, aunts: auntsOf(leaves, index) };
}

function rootOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  const split = splitPoint(leaves.length);
  return sha256(INNER, rootOfLeaves(leaves.slice(0, split)), rootOfLeaves(leaves.slice(split)));
}

function auntsOf(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length === 1) return [];
  const split = splitPoint(leaves.length);
  return index < split
    ? [...auntsOf(leaves.slice(0, split), index), rootOfLeaves(leaves.slice(split))]
    : [...auntsOf(leaves.slice(split), index - split), rootOfLeaves(leaves.slice(0, split))];
}

/** The largest power of two below `count` (count ≥ 2). */
function splitPoint(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}
