import type { ByteString } from "../byte_string.js";
import type { DatabaseOp } from "../types.js";
import { Node } from "./node.js";
import type { PageWriter } from "./pages.js";
import { Tree } from "./tree.js";

export interface Written {
  readonly tree: Tree;
  /** What to put into the database, so that the tree can be read back. */
  readonly rows: readonly DatabaseOp[];
  /** How many nodes are new. */
  readonly nodes: number;
}

/**
 * Applies one version's writes to a tree and leaves that tree as it is: a saved node is copied the first time that it
 * must change, an unsaved one changes in place. Shapes follow cosmos/iavl, so roots are the same for the same sequence.
 */
export class TreeWriter {
  #root: Node | undefined;
  constructor(
    private readonly tree: Tree,
    private readonly version: number,
  ) {
    this.#root = tree.root;
  }

  set(key: ByteString, value: ByteString): void {
    this.#root = this.#root === undefined ? this.#leaf(key, value) : this.#insert(this.#root, key, value);
  }

  delete(key: ByteString): void {
    if (this.#root === undefined) return;
    const removal = this.#remove(this.#root, key);
    if (removal !== undefined) this.#root = removal.node;
  }

  /** Seals the new nodes in post-order; the writer must not be used afterwards. */
  finish(): Written {
    const pages = this.tree.nodes.writer(this.version);
    if (this.#root !== undefined) seal(this.#root, pages);
    return { tree: new Tree(this.#root, this.tree.nodes, this.tree.cache), rows: pages.finish(), nodes: pages.count };
  }

  #insert(at: Node, key: ByteString, value: ByteString): Node {
    const node = this.tree.use(at);
    if (node.height === 0) {
      const leaf = this.#leaf(key, value);
      if (key === node.key) return leaf;
      return key < node.key ? this.#inner(node.key, leaf, node) : this.#inner(key, node, leaf);
    }
    const goLeft = key < node.key;
    const child = this.tree.use(goLeft ? node.left! : node.right!);
    const { size } = child;
    const own = this.#own(node);
    const grown = this.#insert(child, key, value);
    if (goLeft) own.left = grown;
    else own.right = grown;
    if (grown.size === size) return own;
    this.#measure(own);
    return this.#balance(own);
  }

  /** Undefined if the key is absent. `least` is the subtree's new least key, if removal changed it. */
  #remove(at: Node, key: ByteString): { node: Node | undefined; least: ByteString | undefined } | undefined {
    const node = this.tree.use(at);
    if (node.height === 0) return node.key === key ? { node: undefined, least: undefined } : undefined;
    const goLeft = key < node.key;
    const removal = this.#remove(goLeft ? node.left! : node.right!, key);
    if (removal === undefined) return undefined;
    if (removal.node === undefined) {
      return goLeft ? { node: node.right, least: node.key } : { node: node.left, least: undefined };
    }
    const own = this.#own(node);
    if (goLeft) {
      own.left = removal.node;
    } else {
      own.right = removal.node;
      if (removal.least !== undefined) own.key = removal.least;
    }
    this.#measure(own);
    return { node: this.#balance(own), least: goLeft ? removal.least : undefined };
  }

  #balance(node: Node): Node {
    const lean = this.#lean(node);
    if (lean > 1) {
      const left = this.tree.use(node.left!);
      if (this.#lean(left) < 0) node.left = this.#rotateLeft(this.#own(left));
      return this.#rotateRight(node);
    }
    if (lean < -1) {
      const right = this.tree.use(node.right!);
      if (this.#lean(right) > 0) node.right = this.#rotateRight(this.#own(right));
      return this.#rotateLeft(node);
    }
    return node;
  }

  #rotateRight(node: Node): Node {
    const top = this.#own(this.tree.use(node.left!));
    node.left = top.right;
    top.right = node;
    this.#measure(node);
    this.#measure(top);
    return top;
  }

  #rotateLeft(node: Node): Node {
    const top = this.#own(this.tree.use(node.right!));
    node.right = top.left;
    top.left = node;
    this.#measure(node);
    this.#measure(top);
    return top;
  }

  /** How much higher the left side is. */
  #lean(node: Node): number {
    return this.tree.use(node.left!).height - this.tree.use(node.right!).height;
  }

  #measure(node: Node): void {
    const left = this.tree.use(node.left!);
    const right = this.tree.use(node.right!);
    node.height = Math.max(left.height, right.height) + 1;
    node.size = left.size + right.size;
  }

  #own(node: Node): Node {
    if (!node.saved) return node;
    const copy = Node.inner(this.version, node.key, node.left!, node.right!);
    copy.height = node.height;
    copy.size = node.size;
    copy.usedAt = node.usedAt;
    return copy;
  }

  #leaf(key: ByteString, value: ByteString): Node {
    const leaf = Node.leaf(this.version, key, value);
    leaf.usedAt = this.tree.cache.clock;
    return leaf;
  }

  #inner(key: ByteString, left: Node, right: Node): Node {
    const inner = Node.inner(this.version, key, left, right);
    inner.height = 1;
    inner.size = 2;
    inner.usedAt = this.tree.cache.clock;
    return inner;
  }
}

function seal(node: Node, pages: PageWriter): void {
  if (node.saved) return;
  if (node.height > 0) {
    seal(node.left!, pages);
    seal(node.right!, pages);
  }
  pages.seal(node);
}
