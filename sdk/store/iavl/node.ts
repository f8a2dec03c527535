import { sha256Latin1 } from "../../crypto/hash.js";
import type { Key } from "../key.js";
import { ByteWriter } from "../wire.js";

/** SHA-256 of no bytes, as 32 characters: the root of an empty tree. */
export const EMPTY_ROOT = sha256Latin1(new Uint8Array(0));

const UNLOADED = -1;
const UNSAVED = -1;

/**
 * A node of an IAVL tree: a leaf with a value, or an inner node whose `key` is the least key of its right side.
 * A node is one of
 *  - unsaved: made since the last commit, may still change, has no hash yet;
 *  - saved: immutable, known by (version, seq) and its hash;
 *  - saved but not loaded: only version, seq and hash are known; NodeStore.load fills the rest in place.
 */
export class Node {
  height = UNLOADED;
  /** Leaves beneath, itself included. */
  size = 0;
  key: Key = "";
  /** Leaves only. */
  value: Uint8Array | undefined = undefined;
  left: Node | undefined = undefined;
  right: Node | undefined = undefined;
  /** The cache's clock when this node was last used. */
  usedAt = 0;
  constructor(
    /** The version that wrote this node. */
    readonly version: number,
    /** Position among the nodes that this version wrote to this tree. */
    public seq: number,
    /** 32 characters; empty while unsaved. */
    public hash: string,
  ) {}

  static leaf(version: number, key: Key, value: Uint8Array): Node {
    const node = new Node(version, UNSAVED, "");
    node.height = 0;
    node.size = 1;
    node.key = key;
    node.value = value;
    return node;
  }

  static inner(version: number, key: Key, left: Node, right: Node): Node {
    const node = new Node(version, UNSAVED, "");
    node.key = key;
    node.left = left;
    node.right = right;
    return node;
  }

  get loaded(): boolean {
    return this.height !== UNLOADED;
  }

  get saved(): boolean {
    return this.seq !== UNSAVED;
  }

  /** Forgets what the database can give back. Only for saved nodes. */
  unload(): void {
    this.height = UNLOADED;
    this.key = "";
    this.value = undefined;
    this.left = undefined;
    this.right = undefined;
  }
}

/** Computes node hashes as cosmos/iavl does; one instance owns one scratch buffer. */
export class NodeHasher {
  readonly #scratch = new ByteWriter(512);

  /** zigzag varints of height, size and version: what both kinds of node hash first. */
  prefix(node: Node): Uint8Array {
    this.#header(node);
    return this.#scratch.copy();
  }

  hash(node: Node): string {
    this.#header(node);
    const scratch = this.#scratch;
    if (node.height === 0) {
      const valueHash = sha256Latin1(node.value!);
      scratch.varint(node.key.length);
      scratch.latin1(node.key);
      scratch.u8(32);
      scratch.latin1(valueHash);
    } else {
      scratch.u8(32);
      scratch.latin1(node.left!.hash);
      scratch.u8(32);
      scratch.latin1(node.right!.hash);
    }
    return sha256Latin1(scratch.view());
  }

  #header(node: Node): void {
    this.#scratch.reset();
    this.#scratch.zigzag(node.height);
    this.#scratch.zigzag(node.size);
    this.#scratch.zigzag(node.version);
  }
}
