import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, type DatabaseOp, MemoryDatabase } from "nild/sdk";
import { DEFAULT_CONSENSUS_PARAMS, type GenesisDoc } from "../config/genesis.js";
import { ConsensusKey } from "../engine/embedded/consensus_key.js";
import { EmbeddedEngine, type EmbeddedEngineOptions } from "../engine/embedded/engine.js";
import { BlockSigner } from "../engine/embedded/signer.js";
import { createLog } from "../log/log.js";
import { DEFAULT_MEMPOOL_LIMITS } from "../mempool/limits.js";
import { FakeApp, type FakeDisk, emptyDisk } from "./fake_app.js";

export const SILENT = createLog({ level: "silent", format: "json" });
export const GENESIS_TIME_NS = 1_700_000_000_000_000_000n;

/** Fails the nth batch from now on, without writing it, as if the process had died there. */
export class CrashingDatabase implements Database {
  failAt: number | undefined;
  #batches = 0;
  constructor(readonly inner: Database) {}
  get(key: Uint8Array): Uint8Array | undefined {
    return this.inner.get(key);
  }
  scan(range?: Parameters<Database["scan"]>[0]): ReturnType<Database["scan"]> {
    return this.inner.scan(range);
  }
  async batch(ops: readonly DatabaseOp[], opts: { sync: boolean }): Promise<void> {
    this.#batches++;
    if (this.failAt !== undefined && this.#batches >= this.failAt) throw new Error("crash before the write");
    await this.inner.batch(ops, opts);
  }
  get batches(): number {
    return this.#batches;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A clock that moves one second at each look. */
export class StepClock {
  constructor(
    public ns: bigint,
    readonly stepNs = 1_000_000_000n,
  ) {}
  nowNs(): bigint {
    this.ns += this.stepNs;
    return this.ns;
  }
}

/** A chain whose disks outlive its engines, so that a test can crash one and start the next. */
export class ChainFixture {
  readonly folder = mkdtempSync(join(tmpdir(), "nild-engine-"));
  readonly key = new ConsensusKey(Buffer.alloc(32, 7));
  readonly disk: FakeDisk = emptyDisk();
  readonly database = new MemoryDatabase();
  readonly clock = new StepClock(GENESIS_TIME_NS);
  readonly genesis: GenesisDoc;
  fatal: unknown[] = [];
  app = new FakeApp(this.disk);
  db = new CrashingDatabase(this.database);

  constructor(overrides: Partial<GenesisDoc> = {}) {
    this.genesis = {
      chainId: "nild-test-1",
      timeNs: GENESIS_TIME_NS,
      initialHeight: 1n,
      consensusParams: DEFAULT_CONSENSUS_PARAMS,
      validators: [{ pubKeyType: "ed25519", pubKey: this.key.pubKey, power: 10n, name: "one" }],
      appState: Buffer.from("{}"),
      ...overrides,
    };
  }

  get signStatePath(): string {
    return join(this.folder, "priv_validator_state.json");
  }

  /** A new process over the same disks: not started yet, so that a test can arm it. */
  async engine(options: Partial<EmbeddedEngineOptions> = {}): Promise<EmbeddedEngine> {
    this.app = new FakeApp(this.disk);
    this.db = new CrashingDatabase(this.database);
    await BlockSigner.init(this.signStatePath).catch(() => undefined);
    return new EmbeddedEngine({
      app: this.app,
      genesis: this.genesis,
      db: this.db,
      signer: await BlockSigner.open(this.key, this.signStatePath),
      clock: this.clock,
      log: SILENT,
      mempool: DEFAULT_MEMPOOL_LIMITS,
      checkers: {},
      onFatal: (error) => void this.fatal.push(error),
      ...options,
    });
  }

  async started(options: Partial<EmbeddedEngineOptions> = {}): Promise<EmbeddedEngine> {
    const engine = await this.engine(options);
    await engine.start();
    return engine;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
