import { type CommitInfo, isEmptyRoot, readCommitInfo } from "./commit_info.js";
import { CorruptionError } from "./errors.js";
import { Node } from "./iavl/node.js";
import { NodeStore } from "./iavl/pages.js";
import { appHashOf } from "./simple_tree.js";
import type { Database } from "./types.js";

export interface Verification {
  readonly versions: number;
  readonly nodes: number;
}

/** Checks that the newest `count` commits link up: app hash over the roots, previous app hash, no gap. */
export function verifyLinks(db: Database, head: CommitInfo, count: number): CommitInfo[] {
  const infos: CommitInfo[] = [];
  let info = head;
  for (;;) {
    if (appHashOf(info.roots) !== info.appHash) {
      throw new CorruptionError(`commit info of version ${info.version}: its app hash is not that of its store roots`);
    }
    infos.push(info);
    if (info.version === 1 || infos.length >= count) return infos;
    const previous = readCommitInfo(db, info.version - 1);
    if (previous === undefined) throw new CorruptionError(`commit info of version ${info.version - 1} is missing`);
    if (previous.appHash !== info.previousAppHash) {
      throw new CorruptionError(`version ${info.version} does not follow from version ${previous.version}: app hashes differ`);
    }
    info = previous;
  }
}

/** Walks all nodes of all versions. Each node is read once: with the version that wrote it. */
export function verifyTrees(db: Database, head: CommitInfo): Verification {
  const infos = verifyLinks(db, head, head.version);
  const stores = new Map<string, NodeStore>();
  let nodes = 0;
  for (const { version, roots } of infos) {
    for (const root of roots) {
      if (isEmptyRoot(root)) continue;
      const store = stores.get(root.name) ?? new NodeStore(db, root.name);
      stores.set(root.name, store);
      const pending = [new Node(root.rootVersion, root.rootSeq, root.rootHash)];
      for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
        if (node.version !== version) continue;
        store.load(node);
        nodes += 1;
        if (node.right !== undefined) pending.push(node.right);
        if (node.left !== undefined) pending.push(node.left);
      }
    }
  }
  return { versions: infos.length, nodes };
}
