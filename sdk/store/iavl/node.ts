import { sha256Latin1 } from "../../crypto/hash.js";
import type { ByteString } from "../byte_string.js";

/** SHA-256 of no bytes: the root of an empty tree. */
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
  key: ByteString = "";
  /** Leaves only. */
  value: ByteString | undefined = undefined;
  left: Node | undefined = undefined;
  right: Node | undefined = undefined;
  /** The cache's clock when this node was last used. */
  usedAt = 0;
  constructor(
    /** The version that wrote this node. */
    readonly version: number,
    /** Position among the nodes that this version wrote to this tree. */
    public seq: number,
    /** 32 bytes; none while unsaved. */
    public hash: ByteString,
  ) {}

  static leaf(version: number, key: ByteString, value: ByteString): Node {
    const node = new Node(version, UNSAVED, "");
    node.height = 0;
    node.size = 1;
    node.key = key;
    node.value = value;
    return node;
  }

  static inner(version: number, key: ByteString, left: Node, right: Node): Node {
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
