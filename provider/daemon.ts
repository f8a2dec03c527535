import { chmod, mkdir } from "node:fs/promises";
import { MsgRegisterProviderSchema } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Capability } from "nild/gen/nil/provider/v1/types_pb.js";
import { ClientError, ChainError, msg, multiaddrOf, ProviderError, type TxResult } from "nild/client";
import { NilfsError, type Kzg } from "nild/nilfs";
import { ChainView } from "./chain_view.js";
import { Collector } from "./collector.js";
import { HttpError } from "./errors.js";
import { DEFAULT_LIMITS, HttpFront } from "./http.js";
import { JobQueue } from "./jobs.js";
import { Reads } from "./reads.js";
import { ResponseKey } from "./response_key.js";
import { route } from "./routes.js";
import { ServedSessions } from "./served_sessions.js";
import { Slabs } from "./slabs.js";
import { ObjectStore } from "./store.js";
import type { ProviderOptions, ProviderStatus, RegisterOptions } from "./types.js";
import { Uploads } from "./uploads.js";
import { Watcher } from "./watcher.js";

const DEFAULT_QUOTA = 64 * 1024 ** 3;
const DEFAULT_POLL_MS = 500;

const CAPABILITY = { archive: Capability.ARCHIVE, general: Capability.GENERAL, edge: Capability.EDGE } as const;

/** A storage provider: takes, keeps, serves and proves slots. Several may run in one process, each with its own home. */
export class ProviderDaemon {
  readonly #options: ProviderOptions;
  readonly #key: ResponseKey;
  readonly #log: NonNullable<ProviderOptions["log"]>;
  #running: Running | undefined;
  #lastError: ProviderStatus["lastError"];
  #corruptObjects = 0;
  #kzg: Promise<Kzg> | undefined;

  /** @throws ClientError `bad_key`. */
  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#key = new ResponseKey(options.responseKey);
    this.#log = options.log ?? (() => undefined);
  }

  get address(): string {
    return this.#options.wallet.address;
  }

  /** ed25519, 32 bytes: what `register` puts on record. */
  get responsePublicKey(): Uint8Array {
    return this.#key.publicKey;
  }

  /** Opens the home, listens and begins to watch the chain. What a crash interrupted is taken up again. */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new ClientError("bad_response", "this daemon runs already", "stop it first");
    const { home, chain, wallet, faults = {}, limits, quotaBytes = DEFAULT_QUOTA, host = "127.0.0.1", port = 0 } = this.#options;
    await mkdir(home, { recursive: true });
    await chmod(home, 0o700);
    const kzg = (): Promise<Kzg> => this.#loadKzg();
    const store = await ObjectStore.open(home, quotaBytes);
    const served = await ServedSessions.open(home);
    const view = new ChainView(chain, wallet.address);
    const slabs = new Slabs(store, kzg);
    const uploads = new Uploads(view, store, () => void kzg().catch((error: unknown) => this.#noteError(error, "kzg")));
    const allLimits = { ...DEFAULT_LIMITS, ...limits };
    const reads = new Reads({ view, store, slabs, key: this.#key, served, faults, metadataReadsPerMinute: allLimits.metadataReadsPerMinute });
    const routes = { view, store, slabs, uploads, reads, key: this.#key, kzg, status: () => statusJson(this.status()) };
    const front = new HttpFront(
      (request) =>
        route(routes, request).catch((error: unknown) => {
          this.#noteRefusal(error);
          throw error;
        }),
      allLimits,
      this.#log,
    );
    const queue = new JobQueue((job, error) => this.#noteError(error, job.key));
    const watcher = new Watcher({
      ...{ chain, wallet, kzg, store, slabs, view, queue, served },
      log: this.#log,
      collector: new Collector(view, store, slabs),
      pollMs: this.#options.pollMs ?? DEFAULT_POLL_MS,
      onError: (error) => this.#noteError(error, "watch"),
    });
    const { port: bound } = await front.listen(host, port);
    this.#running = { front, watcher, store, view, queue, reads, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`, host, port: bound };
    watcher.start();
    this.#log("info", "provider listens", { address: wallet.address, url: this.#running.url });
  }

  /** Stops listening, drops what waits and lets running work end. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.front.close();
    await running.watcher.stop();
  }

  /** Registers this provider on chain with its bond and response key. It can be drawn one full epoch later. @throws ChainError */
  async register(options: RegisterOptions): Promise<TxResult> {
    const { chain, wallet } = this.#options;
    const { host, port } = this.#mustRun();
    const message = msg(MsgRegisterProviderSchema, {
      operator: wallet.address,
      bond: options.bond.toString(),
      capability: CAPABILITY[options.capability ?? "general"],
      totalBytes: options.totalBytes,
      endpoints: [...(options.endpoints ?? [multiaddrOf(host, port)])],
      failureDomain: options.failureDomain ?? { asn: "", region: "" },
      responseKey: this.#key.publicKey,
    });
    return chain.signAndBroadcast(wallet, [message]);
  }

  status(): ProviderStatus {
    const { store, view, queue, watcher, reads, url } = this.#mustRun();
    return {
      address: this.address,
      url,
      storedBytes: store.usedBytes,
      quotaBytes: this.#options.quotaBytes ?? DEFAULT_QUOTA,
      height: view.height.toString(),
      queueLength: queue.length,
      ...watcher.work,
      blobsServed: reads.blobsServed,
      corruptObjects: this.#corruptObjects,
      lastError: this.#lastError,
    };
  }

  /** One instance per daemon, at the first need; a failed load is tried again. */
  #loadKzg(): Promise<Kzg> {
    this.#kzg ??= this.#options.kzg().catch((error: unknown) => {
      this.#kzg = undefined;
      throw error;
    });
    return this.#kzg;
  }

  #noteRefusal(error: unknown): void {
    if (!(error instanceof HttpError)) this.#noteError(error, "http");
    else if (error.code === "corrupt_object") {
      this.#corruptObjects++;
      this.#noteError(error, "http");
    }
  }

  #noteError(error: unknown, where: string): void {
    this.#lastError = { code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
    this.#log("warn", "work failed", { where, ...this.#lastError });
  }

  #mustRun(): Running {
    if (this.#running === undefined) throw new ClientError("unreachable", "this daemon is not running", "start it first");
    return this.#running;
  }
}

interface Running {
  readonly front: HttpFront;
  readonly watcher: Watcher;
  readonly store: ObjectStore;
  readonly view: ChainView;
  readonly queue: JobQueue;
  readonly reads: Reads;
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

function codeOf(error: unknown): string {
  if (error instanceof HttpError || error instanceof ClientError || error instanceof ProviderError || error instanceof NilfsError) return error.code;
  return error instanceof ChainError ? `${error.codespace}/${error.code}` : "internal";
}

/** /status as JSON: snake_case names. */
function statusJson(status: ProviderStatus): object {
  const { lastError, ...rest } = status;
  const entries = Object.entries(rest).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value] as const);
  return { ...Object.fromEntries(entries), last_error: lastError ?? null };
}
