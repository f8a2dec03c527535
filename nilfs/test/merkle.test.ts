import { blake2s } from "@noble/hashes/blake2.js";
import { merklePath, merkleRoot, verifyMerklePath } from "nild/nilfs";
import { codeOf } from "./codes.js";

const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => new Uint8Array(48).fill(i + 1, 0, 2).fill(i >> 8, 2, 3));
const node = (left: Uint8Array, right: Uint8Array): Uint8Array => blake2s(Uint8Array.from([...left, ...right]));

describe("the commitment tree", () => {
  it("promotes an odd node unchanged", () => {
    const [a, b, c] = leavesOf(3).map((leaf) => blake2s(leaf)) as [Uint8Array, Uint8Array, Uint8Array];
    expect(merkleRoot(leavesOf(3))).toEqual(node(node(a, b), c));
  });

  it.each([
    [64, 6, 6],
    [96, 7, 6],
    [72, 7, 4],
    [80, 7, 5],
    [128, 7, 7],
    [192, 8, 7],
  ])("of %i leaves has paths of %i (first leaf) and %i (last)", (count, first, last) => {
    const leaves = leavesOf(count);
    expect([merklePath(leaves, 0).length, merklePath(leaves, count - 1).length]).toEqual([first, last]);
  });

  it.each([1, 2, 3, 5, 64, 72, 96])("proves each of %i leaves at its own index only", (count) => {
    const leaves = leavesOf(count);
    const root = merkleRoot(leaves);
    for (let i = 0; i < count; i++) {
      const path = merklePath(leaves, i);
      const accepted = leaves.flatMap((_, claimed) => (verifyMerklePath(root, leaves[i]!, claimed, count, path) ? [claimed] : []));
      expect(accepted).toEqual([i]);
    }
  });

  it("refuses an index outside the tree", () => {
    const leaves = leavesOf(3);
    const path = merklePath(leaves, 2);
    for (const index of [3, 4, -1, 1.5, Number.NaN, 2 ** 32 + 2]) expect(verifyMerklePath(merkleRoot(leaves), leaves[2]!, index, 3, path)).toBe(false);
    expect(codeOf(() => merklePath(leaves, 3))).toBe("index_out_of_range");
    expect(codeOf(() => merkleRoot([]))).toBe("bad_length");
    expect(verifyMerklePath(merkleRoot(leaves), leaves[0]!, 0, 0, [])).toBe(false);
  });
});

describe("Merkle attacks (V8)", () => {
  const leaves = leavesOf(96);
  const root = merkleRoot(leaves);
  const path = merklePath(leaves, 5);

  it("an empty path, with the leaf's hash as root", () => {
    expect(verifyMerklePath(blake2s(leaves[5]!), leaves[5]!, 5, 96, [])).toBe(false);
  });

  it("a path too short or too long", () => {
    expect(verifyMerklePath(root, leaves[5]!, 5, 96, path.slice(0, -1))).toBe(false);
    expect(verifyMerklePath(root, leaves[5]!, 5, 96, [...path, new Uint8Array(32)])).toBe(false);
    // A root one level higher accepts the longer path when the shape is not checked.
    const above = node(root, new Uint8Array(32));
    expect(verifyMerklePath(above, leaves[5]!, 5, 96, [...path, new Uint8Array(32)])).toBe(false);
  });

  it("an inner node in a leaf's place", () => {
    const inner = Uint8Array.from([...blake2s(leaves[4]!), ...blake2s(leaves[5]!)]);
    // With the tree taken for one of half as many leaves, only the leaf's length tells them apart.
    expect(verifyMerklePath(root, inner, 2, 48, path.slice(1))).toBe(false);
    expect(verifyMerklePath(root, inner.subarray(0, 48), 2, 48, path.slice(1))).toBe(false);
  });

  it("a promoted leaf doubled", () => {
    const odd = leavesOf(3);
    const doubled = [...odd, odd[2]!];
    expect(verifyMerklePath(merkleRoot(odd), odd[2]!, 3, 4, merklePath(doubled, 3))).toBe(false);
    expect(verifyMerklePath(merkleRoot(doubled), odd[2]!, 2, 3, merklePath(odd, 2))).toBe(false);
  });

  it("another leaf_count", () => {
    for (const count of [64, 95, 97, 128, 192]) expect(verifyMerklePath(root, leaves[95]!, 95, count, merklePath(leaves, 95))).toBe(false);
  });

  it("a node of a wrong length, or a changed byte anywhere", () => {
    expect(verifyMerklePath(root, leaves[5]!, 5, 96, [path[0]!.subarray(1), ...path.slice(1)])).toBe(false);
    for (let level = 0; level < path.length; level++) {
      const changed = path.map((sibling, i) => (i === level ? sibling.map((byte, b) => (b === 9 ? byte ^ 1 : byte)) : sibling));
      expect(verifyMerklePath(root, leaves[5]!, 5, 96, changed)).toBe(false);
    }
  });
});
