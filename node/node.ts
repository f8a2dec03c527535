import type { AddressInfo, Server } from "node:net";
import type { DescService, Registry } from "@bufbuild/protobuf";
import type { Application, Database } from "nild/sdk";
import { type Clock, systemClock } from "./clock.js";
import { type GenesisDoc } from "./config/genesis.js";
import { EmbeddedEngine } from "./engine/embedded/engine.js";
import type { BlockSigner } from "./engine/embedded/signer.js";
import { NodeError, errnoOf } from "./errors.js";
import type { Log } from "./log/log.js";
import { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits } from "./mempool/limits.js";
import type { AsyncCheckers } from "./mempool/prechecks.js";
import { grpcServer } from "./server/grpc/server.js";
import { jsonRpcServer } from "./server/json_rpc/server.js";
import type { AccessRules } from "./server/limits.js";

/** The CometBFT release whose formats the embedded engine keeps; CosmJS chooses its decoder by the prefix "0.38.". */
const COMETBFT_VERSION = "0.38.25-nild";

export interface Listen {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface NodeOptions {
  readonly app: Application;
  readonly genesis: GenesisDoc;
  readonly blockDb: Database;
  readonly signer: BlockSigner;
  readonly log: Log;
  readonly nodeId: string;
  readonly moniker: string;
  readonly appVersion: string;
  /** Off-thread checkers by kind of check, such as "sig.secp256k1". */
  readonly checkers: AsyncCheckers;
  /** The application's Query services, served under Connect, gRPC and gRPC-web. */
  readonly queryServices: readonly DescService[];
  readonly registry?: Registry;
  readonly rpc: Listen & { readonly maxBodyBytes?: number; readonly maxBatch?: number };
  readonly grpc?: Listen & { readonly maxMessageBytes?: number };
  readonly access?: AccessRules;
  readonly mempool?: MempoolLimits;
  /** undefined: blocks only by `engine.produceBlock()`. */
  readonly blockTimeMs?: number;
  readonly clock?: Clock;
}

/** A running chain of one process: engine and servers. Databases belong to the caller, who closes them after `stop`. */
export class Node {
  private constructor(
    readonly engine: EmbeddedEngine,
    /** Where it really listens: "http://127.0.0.1:26657". */
    readonly endpoints: { readonly rpc: string; readonly grpc?: string },
    /** Rejects when the node cannot go on: log, stop, exit non-zero. Never resolves. */
    readonly failed: Promise<never>,
    readonly servers: readonly Server[],
  ) {}

  /** Recovers, makes block 1 if there is none, and only then listens. */
  static async start(options: NodeOptions): Promise<Node> {
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    failed.catch(() => undefined);
    const { app, genesis, log, grpc } = options;
    const engine = new EmbeddedEngine({
      app,
      genesis,
      db: options.blockDb,
      signer: options.signer,
      clock: options.clock ?? systemClock,
      log,
      mempool: options.mempool ?? DEFAULT_MEMPOOL_LIMITS,
      checkers: options.checkers,
      ...(options.blockTimeMs === undefined ? {} : { blockTimeMs: options.blockTimeMs }),
      onFatal: fail,
    });
    await engine.start();
    const access = options.access ?? { corsOrigins: [], hostNames: [] };
    const info = { id: options.nodeId, moniker: options.moniker, version: COMETBFT_VERSION, appVersion: options.appVersion, rpcAddress: `tcp://${options.rpc.host}:${options.rpc.port}` };
    const served = { chain: engine, app, info, log };
    const servers: Server[] = [];
    try {
      const rpcServer = jsonRpcServer(served, { ...access, maxBodyBytes: options.rpc.maxBodyBytes ?? 2_097_152, maxBatch: options.rpc.maxBatch ?? 100 });
      servers.push(rpcServer);
      const rpc = await listen(rpcServer, options.rpc);
      let grpcUrl: string | undefined;
      if (grpc !== undefined) {
        const server = grpcServer(served, {
          ...access,
          maxMessageBytes: grpc.maxMessageBytes ?? 4_194_304,
          queryServices: options.queryServices,
          ...(options.registry === undefined ? {} : { registry: options.registry }),
        });
        servers.push(server);
        grpcUrl = await listen(server, grpc);
      }
      const endpoints = { rpc, ...(grpcUrl === undefined ? {} : { grpc: grpcUrl }) };
      log.info({ chainId: genesis.chainId, height: String(engine.height), ...endpoints }, "node started");
      return new Node(engine, endpoints, failed, servers);
    } catch (error) {
      await engine.stop();
      for (const server of servers) server.close();
      throw error;
    }
  }

  /** Finishes the block in work, closes the servers with all their connections. */
  async stop(): Promise<void> {
    await this.engine.stop();
    await Promise.all(this.servers.map(close));
  }
}

async function listen(server: Server, at: Listen): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        errnoOf(error) === "EADDRINUSE"
          ? new NodeError("server.port_taken", `${at.host}:${at.port} is in use`, "stop the other program, or choose another port", { cause: error })
          : error,
      ),
    );
    server.listen(at.port, at.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function") server.closeAllConnections();
  });
}
