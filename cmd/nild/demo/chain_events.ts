import { CliError, EXIT } from "../output.js";

export interface ChainEvent {
  readonly height: number;
  readonly type: string;
  readonly attributes: ReadonlyMap<string, string>;
}

interface RpcEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

interface BlockResults {
  readonly txs_results: readonly { readonly code: number; readonly events: readonly RpcEvent[] }[] | null;
  readonly finalize_block_events: readonly RpcEvent[] | null;
}

const POLL_MS = 250;

/** Follows a chain's blocks over its JSON-RPC and keeps all their events: what happened, as anybody can see it. */
export class ChainEvents {
  readonly all: ChainEvent[] = [];
  #height = 0;
  #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** The node came back elsewhere. */
  moveTo(endpoint: string): void {
    this.#endpoint = endpoint;
  }

  get height(): number {
    return this.#height;
  }

  async call<T>(method: string, params: Record<string, string> = {}): Promise<T> {
    const reply = await fetch(this.#endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(10_000),
    });
    const { result, error } = (await reply.json()) as { result?: T; error?: { message: string; data?: string } };
    if (result === undefined) throw new CliError(EXIT.failed, "rpc_failed", `${method}: ${error?.data ?? error?.message ?? "no result"}`);
    return result;
  }

  /** Reads the blocks that are new. */
  async catchUp(): Promise<void> {
    const { sync_info } = await this.call<{ sync_info: { latest_block_height: string } }>("status");
    const latest = Number(sync_info.latest_block_height);
    while (this.#height < latest) {
      const height = this.#height + 1;
      const results = await this.call<BlockResults>("block_results", { height: String(height) });
      const fromTxs = (results.txs_results ?? []).flatMap(({ events }) => events);
      for (const { type, attributes } of [...(results.finalize_block_events ?? []), ...fromTxs]) {
        this.all.push({ height, type, attributes: new Map(attributes.map(({ key, value }) => [key, value])) });
      }
      this.#height = height;
    }
  }

  of(type: string): ChainEvent[] {
    return this.all.filter((event) => event.type === type);
  }

  /** Waits until `look` finds what it looks for; `tick` hears of every new block. */
  async waitFor<T>(what: string, look: () => T | undefined, options: { timeoutMs: number; tick?: () => void }): Promise<T> {
    const deadline = Date.now() + options.timeoutMs;
    for (;;) {
      await this.catchUp();
      options.tick?.();
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new CliError(EXIT.failed, "timed_out", `${what} did not happen within ${options.timeoutMs / 1000} s (height ${this.#height})`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
