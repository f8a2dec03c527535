import type { ByteString, PackedRange } from "../byte_string.js";
import type { NodeCache } from "./cache.js";
import { EMPTY_ROOT, type Node } from "./node.js";
import type { NodeStore } from "./pages.js";

/** An immutable IAVL tree: a root, and where to get the nodes that are not in memory. */
export class Tree {
  constructor(
    readonly root: Node | undefined,
    readonly nodes: NodeStore,
    readonly cache: NodeCache,
  ) {}

  /** 32 characters. */
  get rootHash(): string {
    return this.root === undefined ? EMPTY_ROOT : this.root.hash;
  }

  get(key: ByteString): ByteString | undefined {
    this.cache.beginOperation();
    const leaf = this.#leafFor(key);
    return leaf?.key === key ? leaf.value : undefined;
  }

  has(key: ByteString): boolean {
    return this.get(key) !== undefined;
  }

  /** Leaves of the range in order; unaffected by commits made meanwhile. Read a leaf before asking for the next. */
  *scan({ start, end, reverse }: PackedRange): IterableIterator<Node> {
    const pending: Node[] = this.root === undefined ? [] : [this.root];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = this.use(next);
      if (node.height === 0) {
        if ((start === undefined || node.key >= start) && (end === undefined || node.key < end)) yield node;
        this.cache.beginOperation();
        continue;
      }
      // All keys of the left side are less than node.key, none of the right side is.
      const left = start === undefined || start < node.key ? node.left! : undefined;
      const right = end === undefined || node.key < end ? node.right! : undefined;
      const first = reverse ? right : left;
      const second = reverse ? left : right;
      if (second !== undefined) pending.push(second);
      if (first !== undefined) pending.push(first);
    }
  }

  get size(): number {
    return this.root === undefined ? 0 : this.use(this.root).size;
  }

  /** The leaf at a place in the order of keys, 0 ≤ rank < size. */
  leafAt(rank: number): Node {
    this.cache.beginOperation();
    let node = this.use(this.root!);
    let skip = rank;
    while (node.height > 0) {
      const left = this.use(node.left!);
      if (skip < left.size) {
        node = left;
      } else {
        skip -= left.size;
        node = this.use(node.right!);
      }
    }
    return node;
  }

  use(node: Node): Node {
    return this.cache.use(node, this.nodes);
  }

  #leafFor(key: ByteString): Node | undefined {
    if (this.root === undefined) return undefined;
    let node = this.use(this.root);
    while (node.height > 0) node = this.use(key < node.key ? node.left! : node.right!);
    return node;
  }
}
