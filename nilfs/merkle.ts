import { blake2s } from "@noble/hashes/blake2.js";
import { concatBytes, equalBytes } from "./bytes.js";
import { NilfsError } from "./errors.js";
import { COMMITMENT_BYTES, isIndex } from "./profile.js";

/*
 * The tree over an MDU's blob commitments (storage.md B §2): leaf = BLAKE2s-256(commitment),
 * node = BLAKE2s-256(left ‖ right), and a node without a sibling moves up unchanged.
 */

/** Root of the tree, 32 bytes. `commitments` must not be empty. */
export function merkleRoot(commitments: readonly Uint8Array[]): Uint8Array {
  return levelsOf(commitments).at(-1)![0]!;
}

/** Siblings of the leaf from the bottom up, levels without a sibling left out. @throws NilfsError `index_out_of_range`. */
export function merklePath(commitments: readonly Uint8Array[], leafIndex: number): Uint8Array[] {
  if (!isIndex(leafIndex, commitments.length)) {
    throw new NilfsError("index_out_of_range", `leaf ${leafIndex}: the tree has ${commitments.length} leaves`);
  }
  const path: Uint8Array[] = [];
  let index = leafIndex;
  for (const level of levelsOf(commitments)) {
    const sibling = level[index ^ 1];
    if (sibling !== undefined) path.push(sibling);
    index >>= 1;
  }
  return path;
}

/**
 * Walks the tree's shape from (leafIndex, leafCount), so that a path proves one index only, and must use up the path
 * exactly. Folding `path.length` times instead would let one proof serve several indices.
 */
export function verifyMerklePath(
  root: Uint8Array,
  commitment: Uint8Array,
  leafIndex: number,
  leafCount: number,
  path: readonly Uint8Array[],
): boolean {
  // 48 bytes, so that two hashes of 32 are never taken for a leaf.
  if (commitment.length !== COMMITMENT_BYTES || !isIndex(leafIndex, leafCount)) return false;
  let node = blake2s(commitment);
  let index = leafIndex;
  let used = 0;
  for (let width = leafCount; width > 1; width = (width + 1) >> 1) {
    const hasSibling = (index ^ 1) < width;
    if (hasSibling) {
      const sibling = path[used++];
      if (sibling === undefined || sibling.length !== 32) return false;
      node = blake2s((index & 1) === 0 ? concatBytes(node, sibling) : concatBytes(sibling, node));
    }
    index >>= 1;
  }
  return used === path.length && equalBytes(node, root);
}

function levelsOf(commitments: readonly Uint8Array[]): Uint8Array[][] {
  if (commitments.length === 0) throw new NilfsError("bad_length", "a Merkle tree needs at least one leaf");
  const levels: Uint8Array[][] = [commitments.map((commitment) => blake2s(commitment))];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1];
      above.push(right === undefined ? level[i]! : blake2s(concatBytes(level[i]!, right)));
    }
    levels.push(above);
  }
  return levels;
}
