import { createHash } from "node:crypto";

/**
 * The textbook IAVL tree, written apart from the store to check it: whole in memory, pure functions, no caching, every
 * hash computed anew. Follows the shape rules of cosmos/iavl.
 */
export interface RefNode {
  key: Buffer;
  version: number;
  value?: Buffer;
  left?: RefNode;
  right?: RefNode;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export function refApply(root: RefNode | undefined, version: number, changes: readonly (readonly [Buffer, Buffer | null])[]): RefNode | undefined {
  let tree = root;
  for (const [key, value] of [...changes].sort((a, b) => Buffer.compare(a[0], b[0]))) {
    tree = value === null ? tree && refDelete(tree, version, key) : refSet(tree, version, key, value);
  }
  return tree;
}

export function refRoot(node: RefNode | undefined): string {
  return (node === undefined ? sha256(Buffer.alloc(0)) : refHash(node)).toString("hex");
}

function refHash(node: RefNode): Buffer {
  const header = [zigzag(height(node)), zigzag(size(node)), zigzag(node.version)];
  const body =
    node.value === undefined
      ? [lengthPrefixed(refHash(node.left!)), lengthPrefixed(refHash(node.right!))]
      : [lengthPrefixed(node.key), lengthPrefixed(sha256(node.value))];
  return sha256(Buffer.concat([...header, ...body]));
}

function refSet(node: RefNode | undefined, version: number, key: Buffer, value: Buffer): RefNode {
  const leaf = { key, version, value };
  if (node === undefined) return leaf;
  const order = Buffer.compare(key, node.key);
  if (node.value !== undefined) {
    if (order === 0) return leaf;
    return order < 0 ? { key: node.key, version, left: leaf, right: node } : { key, version, left: node, right: leaf };
  }
  const grown =
    order < 0
      ? { ...node, version, left: refSet(node.left, version, key, value) }
      : { ...node, version, right: refSet(node.right, version, key, value) };
  return balance(grown, version);
}

function refDelete(root: RefNode, version: number, key: Buffer): RefNode | undefined {
  const inner = (node: RefNode): { node: RefNode | undefined; least?: Buffer } | undefined => {
    if (node.value !== undefined) return node.key.equals(key) ? { node: undefined } : undefined;
    if (Buffer.compare(key, node.key) < 0) {
      const below = inner(node.left!);
      if (below === undefined) return undefined;
      if (below.node === undefined) return { node: node.right!, least: node.key };
      return { node: balance({ ...node, version, left: below.node }, version), ...(below.least ? { least: below.least } : {}) };
    }
    const below = inner(node.right!);
    if (below === undefined) return undefined;
    if (below.node === undefined) return { node: node.left! };
    return { node: balance({ ...node, version, key: below.least ?? node.key, right: below.node }, version) };
  };
  const removal = inner(root);
  return removal === undefined ? root : removal.node;
}

function balance(node: RefNode, version: number): RefNode {
  const lean = height(node.left!) - height(node.right!);
  if (lean > 1) {
    const left = node.left!;
    const inside = height(left.left!) >= height(left.right!) ? left : rotateLeft(left, version);
    return rotateRight({ ...node, left: inside }, version);
  }
  if (lean < -1) {
    const right = node.right!;
    const inside = height(right.right!) >= height(right.left!) ? right : rotateRight(right, version);
    return rotateLeft({ ...node, right: inside }, version);
  }
  return node;
}

function rotateRight(node: RefNode, version: number): RefNode {
  const top = node.left!;
  return { ...top, version, right: { ...node, version, left: top.right! } };
}

function rotateLeft(node: RefNode, version: number): RefNode {
  const top = node.right!;
  return { ...top, version, left: { ...node, version, right: top.left! } };
}

function height(node: RefNode): number {
  return node.value === undefined ? 1 + Math.max(height(node.left!), height(node.right!)) : 0;
}

function size(node: RefNode): number {
  return node.value === undefined ? size(node.left!) + size(node.right!) : 1;
}

function zigzag(value: number): Buffer {
  return varint(BigInt(value) * 2n);
}

function lengthPrefixed(bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 127n) | 128);
  }
}
