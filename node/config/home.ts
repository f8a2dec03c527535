import { join } from "node:path";

/** Where a node keeps its files. */
export class Home {
  constructor(readonly root: string) {}

  readonly config = (file: string): string => join(this.root, "config", file);
  readonly data = (file: string): string => join(this.root, "data", file);

  get genesis(): string {
    return this.config("genesis.json");
  }
  get nodeKey(): string {
    return this.config("node_key.json");
  }
  get consensusKey(): string {
    return this.config("priv_validator_key.json");
  }
  get signState(): string {
    return this.data("priv_validator_state.json");
  }
  get applicationDb(): string {
    return this.data("application.db");
  }
  /** Blocks, results, engine state and transaction index. */
  get blockDb(): string {
    return this.data("blockstore.db");
  }
  keyring(backend: string): string {
    return join(this.root, `keyring-${backend}`);
  }
}
