import type { Node } from "./node.js";
import type { NodeStore } from "./pages.js";

/** Operations between two ticks of the clock that stamps nodes: the grain of "least recently used". */
const TICK = 256;

/**
 * Keeps the number of loaded nodes near a limit. Nodes hang in their trees; when there are too many, the subtrees used
 * longest ago are unloaded down to half the limit. Work is begun only between operations, never inside one.
 */
export class NodeCache {
  clock = 0;
  #operations = 0;
  #loaded = 0;
  constructor(
    private readonly limit: number,
    /** Roots of the committed trees that share this cache. */
    private readonly roots: () => Iterable<Node>,
  ) {}

  /** Called at the start of every read operation. */
  beginOperation(): void {
    this.#operations += 1;
    if (this.#operations % TICK === 0) this.clock += 1;
    if (this.#loaded > this.limit) this.#trim();
  }

  /** The node, loaded and marked as used. */
  use(node: Node, store: NodeStore): Node {
    if (!node.loaded) {
      store.load(node);
      this.#loaded += 1;
    }
    node.usedAt = this.clock;
    return node;
  }

  /** Nodes that came into being in memory. */
  added(count: number): void {
    this.#loaded += count;
  }

  #trim(): void {
    const perTick = new Map<number, number>();
    for (const root of this.roots()) countByUse(root, perTick);
    let kept = 0;
    let oldest = this.clock + 1;
    // Newest first, as long as they fit.
    for (const tick of [...perTick.keys()].sort((a, b) => b - a)) {
      const count = perTick.get(tick)!;
      if (kept + count > this.limit >>> 1) break;
      kept += count;
      oldest = tick;
    }
    for (const root of this.roots()) unloadOlder(root, oldest);
    this.#loaded = kept;
  }
}

function countByUse(node: Node, perTick: Map<number, number>): void {
  if (!node.loaded) return;
  perTick.set(node.usedAt, (perTick.get(node.usedAt) ?? 0) + 1);
  if (node.left !== undefined) countByUse(node.left, perTick);
  if (node.right !== undefined) countByUse(node.right, perTick);
}

/** A node is never used without its parent, so what hangs beneath an old node is old too. */
function unloadOlder(node: Node, oldest: number): void {
  if (!node.loaded) return;
  if (node.usedAt < oldest) {
    node.unload();
    return;
  }
  if (node.left !== undefined) unloadOlder(node.left, oldest);
  if (node.right !== undefined) unloadOlder(node.right, oldest);
}
