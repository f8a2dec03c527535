import { OverlayState } from "./branch.js";
import {
  type CommitInfo,
  MULTISTORE_PREFIX,
  type RootRef,
  commitInfoOps,
  isEmptyRoot,
  readCommitInfo,
  readHead,
} from "./commit_info.js";
import { copyBytes, unpack } from "./byte_string.js";
import { StoreError } from "./errors.js";
import { NodeCache } from "./iavl/cache.js";
import { EMPTY_ROOT, Node } from "./iavl/node.js";
import { NodeStore } from "./iavl/pages.js";
import { Tree } from "./iavl/tree.js";
import type { Written } from "./iavl/writer.js";
import { proveKey, proveStore } from "./proofs.js";
import { appHashOf } from "./simple_tree.js";
import { TreeReader } from "./tree_reader.js";
import type { Branch, CommitId, Database, DatabaseOp, KVReader, Proof, State, StateReader } from "./types.js";
import { type Verification, verifyLinks, verifyTrees } from "./verify.js";
import { WorkingState } from "./working_state.js";

export interface MultiStoreOptions {
  /** Tree nodes kept in memory, over all stores (default 400,000; a node takes about 300 bytes and its value). */
  cacheNodes?: number;
}

const DEFAULT_CACHE_NODES = 400_000;
/** What a reader of an old version may keep in memory, as a part of cacheNodes. */
const OLD_VERSION_SHARE_LOG2 = 3;
const VERSIONS_CHECKED_ON_OPEN = 100;
const STORE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** Versions are numbers inside the store; zigzag doubles them. */
const MAX_VERSION = 1_125_899_906_842_624;

/** The working state as trees: a pure function of the last commit and the net changes since. */
interface Derived {
  readonly appHash: string;
  readonly trees: ReadonlyMap<string, Written>;
}

type Status = "ready" | "committing" | "broken";

/**
 * All stores of the chain: one IAVL tree each, under one simple Merkle tree whose root is the app hash. Nothing is
 * written before commit(), and commit() writes one synced batch. Deterministic: the app hash depends on the sequence
 * of commits and on the net changes of each, not on the order of writes within it.
 */
export class MultiStore {
  readonly #db: Database;
  readonly #names: readonly string[];
  readonly #nodes: ReadonlyMap<string, NodeStore>;
  readonly #cache: NodeCache;
  readonly #cacheNodes: number;
  readonly #working: WorkingState;
  #trees: ReadonlyMap<string, Tree>;
  #head: CommitInfo | undefined;
  #derived: Derived | undefined;
  #status: Status = "ready";

  /**
   * Opens the stores `names` at the newest commit in `db`. Throws CorruptionError if the last 100 commits do not link
   * up or a root does not resolve, StoreError `unknown_store` if the database holds a store that is not in `names`.
   * A name that the database does not know starts empty.
   */
  static open(db: Database, names: readonly string[], options: MultiStoreOptions = {}): MultiStore {
    const head = readHead(db);
    for (const { name } of head?.roots ?? []) {
      if (!names.includes(name)) {
        throw new StoreError("unknown_store", `the database holds store "${name}", which this application does not mount; run the version of the application that wrote it`);
      }
    }
    const multi = new MultiStore(db, names, head, options.cacheNodes ?? DEFAULT_CACHE_NODES);
    if (head !== undefined) verifyLinks(db, head, VERSIONS_CHECKED_ON_OPEN);
    for (const tree of multi.#trees.values()) if (tree.root !== undefined) tree.use(tree.root);
    return multi;
  }

  private constructor(db: Database, names: readonly string[], head: CommitInfo | undefined, cacheNodes: number) {
    for (const name of names) {
      if (!STORE_NAME.test(name)) throw new StoreError("bad_name", `store name "${name}" is not ${STORE_NAME.source}`);
    }
    if (new Set(names).size !== names.length) throw new StoreError("bad_name", `a store is named twice in ${names.join(", ")}`);
    this.#db = db;
    this.#names = [...names].sort(byName);
    this.#nodes = new Map(this.#names.map((name) => [name, new NodeStore(db, name)]));
    this.#cacheNodes = cacheNodes;
    this.#cache = new NodeCache(cacheNodes, () => this.#roots());
    this.#head = head;
    this.#trees = this.#treesAt(head, this.#cache);
    this.#working = new WorkingState(
      { reader: (name) => this.#headReader(name) },
      () => this.#beforeWrite(),
    );
  }

  /** Last committed version; 0n before the first commit. */
  get version(): bigint {
    return BigInt(this.#head?.version ?? 0);
  }

  /** App hash of `version`, 32 bytes; SHA-256 of nothing before the first commit. */
  get appHash(): Uint8Array {
    return unpack(this.#head?.appHash ?? EMPTY_ROOT);
  }

  /** A branch over the working state: the last commit plus what was merged since. */
  branch(): Branch {
    return this.#working.branch();
  }

  /** A throw-away state over a committed version (default: the last): for CheckTx, simulation, queries that execute. */
  fork(version: bigint = this.version): State {
    return new OverlayState(version === this.version ? this.#readerOf(this.#trees) : this.at(version));
  }

  /** App hash that commit() would give now. */
  workingHash(): Uint8Array {
    this.#assertUsable();
    return unpack(this.#derive().appHash);
  }

  /**
   * Persists the working state as version + 1, in one synced batch with `extra` (keys must not begin with 0x00).
   * If the batch fails its outcome is unknown: the error is passed on and this object refuses all further work.
   */
  async commit(extra: readonly DatabaseOp[] = []): Promise<CommitId> {
    this.#assertUsable();
    for (const { key } of extra) {
      if (key[0] === MULTISTORE_PREFIX) throw new StoreError("reserved_key", "keys that begin with 0x00 belong to the multistore; use another prefix");
    }
    const derived = this.#derive();
    const version = this.#nextVersion();
    const info = this.#infoOf(derived, version);
    const ops: DatabaseOp[] = [...extra];
    for (const { rows } of derived.trees.values()) for (const row of rows) ops.push(row);
    ops.push(...commitInfoOps(info));
    this.#status = "committing";
    try {
      await this.#db.batch(ops, { sync: true });
    } catch (error) {
      this.#status = "broken";
      throw error;
    }
    this.#adopt(info, derived);
    this.#status = "ready";
    return { version: BigInt(version), appHash: unpack(info.appHash) };
  }

  /** Forgets everything merged since the last commit. */
  discardWorking(): void {
    this.#assertUsable();
    this.#working.clear();
    this.#derived = undefined;
  }

  /** A committed version, read-only and unaffected by later commits. Throws StoreError `unknown_version`. */
  at(version: bigint): StateReader {
    return this.#readerOf(this.#committed(version).trees);
  }

  /**
   * ICS-23 proof that `key` has, or has not, a value in a store at a version. Throws StoreError `unknown_version`,
   * `unknown_store` (also: not yet mounted then), `unprovable` (absence from an empty store).
   */
  prove(version: bigint, name: string, key: Uint8Array): Proof {
    const { info, trees } = this.#committed(version);
    const index = info.roots.findIndex((root) => root.name === name);
    if (index < 0) throw new StoreError("unknown_store", `there is no store "${name}" at version ${version}`);
    if (key.length === 0) throw new StoreError("empty_key", "an empty key can be neither present nor proved absent");
    const { value, data } = proveKey(trees.get(name)!, key);
    return {
      ...(value === undefined ? {} : { value }),
      ops: [
        { type: "ics23:iavl", key: copyBytes(key), data },
        { type: "ics23:simple", key: unpack(name), data: proveStore(info.roots, index) },
      ],
    };
  }

  /** Oldest and newest readable version; undefined before the first commit. */
  versions(): { earliest: bigint; latest: bigint } | undefined {
    return this.#head === undefined ? undefined : { earliest: 1n, latest: this.version };
  }

  /** Root hash (32 bytes) of every store at a version, in order of name. */
  storeRoots(version: bigint): Map<string, Uint8Array> {
    return new Map(this.#committed(version).info.roots.map(({ name, rootHash }) => [name, unpack(rootHash)]));
  }

  /**
   * Reads every node of every version and checks its hash, and every link between versions. Throws CorruptionError at
   * the first bad one. Takes about a microsecond a node.
   */
  verify(): Verification {
    if (this.#head === undefined) return { versions: 0, nodes: 0 };
    return verifyTrees(this.#db, this.#head);
  }

  /**
   * Reads one leaf in `oneIn` of every store at the newest version, from rank `offset` on, and checks the hashes on its
   * way from the root. Returns how many it read; throws CorruptionError at the first bad one. For a quick look on start,
   * with another offset each time.
   */
  sample(oneIn: number, offset: number): number {
    this.#assertNotBroken();
    let leaves = 0;
    for (const tree of this.#trees.values()) {
      for (let rank = offset; rank < tree.size; rank += oneIn) {
        tree.leafAt(rank);
        leaves += 1;
      }
    }
    return leaves;
  }

  #derive(): Derived {
    if (this.#derived === undefined) {
      const version = this.#nextVersion();
      const trees = new Map(this.#names.map((name) => [name, this.#working.applyTo(this.#trees.get(name)!, name, version)]));
      const roots = this.#names.map((name) => ({ name, rootHash: trees.get(name)!.tree.rootHash }));
      this.#derived = { appHash: appHashOf(roots), trees };
    }
    return this.#derived;
  }

  #infoOf({ appHash, trees }: Derived, version: number): CommitInfo {
    const roots = this.#names.map((name) => rootRef(name, trees.get(name)!.tree));
    return { version, previousAppHash: this.#head?.appHash ?? EMPTY_ROOT, appHash, roots };
  }

  #adopt(info: CommitInfo, { trees }: Derived): void {
    for (const { nodes } of trees.values()) this.#cache.added(nodes);
    this.#trees = new Map([...trees].map(([name, { tree }]) => [name, tree]));
    this.#head = info;
    this.#working.clear();
    this.#derived = undefined;
  }

  #committed(version: bigint): { info: CommitInfo; trees: ReadonlyMap<string, Tree> } {
    this.#assertNotBroken();
    if (this.#head !== undefined && version === this.version) return { info: this.#head, trees: this.#trees };
    const info = version > 0n && version < this.version ? readCommitInfo(this.#db, Number(version)) : undefined;
    if (info === undefined) {
      throw new StoreError("unknown_version", `version ${version} is not in the database, which holds 1 to ${this.version}`);
    }
    const roots: Node[] = [];
    const cache = new NodeCache(this.#cacheNodes >>> OLD_VERSION_SHARE_LOG2, () => roots);
    const trees = this.#treesAt(info, cache);
    for (const { root } of trees.values()) if (root !== undefined) roots.push(root);
    return { info, trees };
  }

  #treesAt(info: CommitInfo | undefined, cache: NodeCache): ReadonlyMap<string, Tree> {
    const roots = new Map((info?.roots ?? []).map((root) => [root.name, root]));
    return new Map(
      this.#names.map((name) => {
        const root = roots.get(name);
        const node = root === undefined || isEmptyRoot(root) ? undefined : new Node(root.rootVersion, root.rootSeq, root.rootHash);
        return [name, new Tree(node, this.#nodes.get(name)!, cache)];
      }),
    );
  }

  /** Reads these trees, whatever is committed later. */
  #readerOf(trees: ReadonlyMap<string, Tree>): StateReader {
    return {
      reader: (name) => {
        this.#assertMounted(name);
        return new TreeReader(() => trees.get(name)!);
      },
    };
  }

  /** Reads the newest commit, whichever that is at each call. */
  #headReader(name: string): KVReader {
    this.#assertMounted(name);
    return new TreeReader(() => {
      this.#assertNotBroken();
      return this.#trees.get(name)!;
    });
  }

  *#roots(): Iterable<Node> {
    for (const { root } of this.#trees.values()) if (root !== undefined) yield root;
  }

  #nextVersion(): number {
    const version = (this.#head?.version ?? 0) + 1;
    if (version > MAX_VERSION) throw new StoreError("broken", `version ${version} is beyond what the store can number`);
    return version;
  }

  #beforeWrite(): void {
    this.#assertUsable();
    this.#derived = undefined;
  }

  #assertMounted(name: string): void {
    if (!this.#nodes.has(name)) throw new StoreError("unknown_store", `store "${name}" is not mounted; mounted are ${this.#names.join(", ")}`);
  }

  #assertUsable(): void {
    this.#assertNotBroken();
    if (this.#status === "committing") throw new StoreError("busy", "a commit is under way; await it before changing the working state");
  }

  #assertNotBroken(): void {
    if (this.#status === "broken") {
      throw new StoreError("broken", "an earlier commit failed and its outcome is unknown; restart the process and reconcile by height");
    }
  }
}

function rootRef(name: string, tree: Tree): RootRef {
  const root = tree.root;
  if (root === undefined) return { name, rootHash: EMPTY_ROOT, rootVersion: 0, rootSeq: 0 };
  return { name, rootHash: root.hash, rootVersion: root.version, rootSeq: root.seq };
}

/** Names are ASCII, where UTF-16 order is byte order. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
