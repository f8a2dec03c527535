import { type Overlay, OverlayState } from "./branch.js";
import type { Tree } from "./iavl/tree.js";
import { TreeWriter, type Written } from "./iavl/writer.js";
import type { StateReader } from "./types.js";

/** What branches merge into: the net changes since the last commit. */
export class WorkingState extends OverlayState {
  constructor(
    base: StateReader,
    /** Called before each change; throws if there may be none now. */
    private readonly beforeWrite: () => void,
  ) {
    super(base);
  }

  /** Only merges write here; see BranchState. */
  override writable(name: string): Overlay {
    this.beforeWrite();
    return this.store(name);
  }

  /** One store's changes, in order of key, on its tree. */
  applyTo(tree: Tree, name: string, version: number): Written {
    const writer = new TreeWriter(tree, version);
    for (const [key, change] of this.store(name).changes.scan({ start: undefined, end: undefined, reverse: false })) {
      if (change === null) writer.delete(key);
      else writer.set(key, change);
    }
    return writer.finish();
  }

  clear(): void {
    for (const overlay of this.overlays.values()) overlay.changes.clear();
  }
}
