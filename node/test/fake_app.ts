import type { AppInfo, Application, BlockRequest, Check, CheckTxResult, ExecTxResult, FinalizeBlockResult, InitChainRequest, QueryResult } from "nild/sdk";
import { sha256 } from "../engine/embedded/merkle.js";

/** What survives a crash of the fake application. */
export interface FakeDisk {
  height: bigint;
  appHash: Uint8Array;
  entries: [string, string][];
}

export function emptyDisk(): FakeDisk {
  return { height: 0n, appHash: sha256(), entries: [] };
}

const OK = { code: 0, codespace: "", log: "", gasWanted: 100n, gasUsed: 50n };

/**
 * A key-value application: a transaction is "key=value" and sets the key; "key=bad" passes CheckTx and fails in a
 * block; anything without "=" is refused with code 2. Counts what was executed, so a test can tell a second execution.
 */
export class FakeApp implements Application {
  executed: bigint[] = [];
  checked: string[] = [];
  admitted: [string, boolean][] = [];
  failCommit: "before" | "after" | undefined;
  acceptProposals = true;
  recheckRefuses = new Set<string>();
  #genesis: Uint8Array | undefined;
  #initialHeight = 1n;
  #pending: { height: bigint; entries: [string, string][]; appHash: Uint8Array } | undefined;

  constructor(readonly disk: FakeDisk) {}

  info(): AppInfo {
    return { name: "fake", version: "1", appVersion: 0n, lastBlockHeight: this.disk.height, lastBlockAppHash: this.disk.appHash };
  }

  initChain(request: InitChainRequest): { appHash: Uint8Array; validators: [] } {
    this.#genesis = sha256(request.appState);
    this.#initialHeight = request.initialHeight;
    return { appHash: this.#genesis, validators: [] };
  }

  checkTx(tx: Uint8Array, kind: "new" | "recheck"): CheckTxResult {
    const text = Buffer.from(tx).toString();
    this.checked.push(`${kind}:${text.slice(0, 40)}`);
    if (kind === "recheck" && this.recheckRefuses.has(text)) return { ...OK, code: 32, codespace: "sdk", log: "stale" };
    return text.includes("=") ? OK : { ...OK, code: 2, codespace: "sdk", log: "cannot decode" };
  }

  prepareProposal({ txs }: { txs: readonly Uint8Array[] }): Uint8Array[] {
    return [...txs];
  }

  processProposal(request: BlockRequest): boolean {
    return this.acceptProposals || request.txs.length === 0;
  }

  finalizeBlock(request: BlockRequest): FinalizeBlockResult {
    const expected = this.disk.height === 0n ? this.#initialHeight : this.disk.height + 1n;
    if (request.height !== expected) throw new Error(`finalizeBlock(${request.height}) after ${this.disk.height}`);
    this.executed.push(request.height);
    const entries = new Map(this.disk.entries);
    const txResults = request.txs.map((tx): ExecTxResult => {
      const [key = "", value = ""] = Buffer.from(tx).toString().split("=");
      const events = [{ type: "set", attributes: [{ key: "key", value: key }, { key: "size", value: String(value.length) }] }, { type: "message", attributes: [{ key: "sender", value: key }] }];
      if (value === "bad") return { ...OK, code: 5, codespace: "fake", log: "bad value", data: new Uint8Array(0), events };
      entries.set(key, value);
      return { ...OK, data: tx, events };
    });
    const appHash = sha256(this.disk.height === 0n ? this.#genesis! : this.disk.appHash, Buffer.from(JSON.stringify([String(request.height), String(request.timeNs), ...entries])));
    this.#pending = { height: request.height, entries: [...entries], appHash };
    return { txResults, events: [{ type: "tick", attributes: [{ key: "height", value: String(request.height) }] }], validatorUpdates: [], appHash };
  }

  async commit(): Promise<{ retainHeight: bigint }> {
    await Promise.resolve();
    if (this.failCommit === "before") throw new Error("disk full");
    Object.assign(this.disk, this.#pending);
    if (this.failCommit === "after") throw new Error("crash after the commit");
    return { retainHeight: 0n };
  }

  query({ path, data, height }: { path: string; data: Uint8Array; height: bigint }): QueryResult {
    const at = height === 0n ? this.disk.height : height;
    const empty = { codespace: "", log: "", key: new Uint8Array(0), value: new Uint8Array(0), height: at, proofOps: [] };
    if (path !== "/key") return { ...empty, code: 6, codespace: "sdk", log: "unknown query path" };
    if (at > this.disk.height) return { ...empty, code: 26, codespace: "sdk", log: "height not available" };
    const value = new Map(this.disk.entries).get(Buffer.from(data).toString());
    return value === undefined ? { ...empty, code: 22, codespace: "sdk", log: "not found" } : { ...empty, code: 0, value: Buffer.from(value) };
  }

  precheck(tx: Uint8Array): Check[] {
    return [{ kind: "fake", input: tx }];
  }

  admit(check: Check, verdict: boolean): undefined {
    this.admitted.push([Buffer.from(check.input).toString(), verdict]);
  }
}
