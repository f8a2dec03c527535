import { createApp } from "nild/app";
import { OPENINGS_CHECK, openingsChecker } from "nild/nilfs";
import { portableKzg } from "nild/nilfs/portable";
import {
  BlockSigner,
  ConsensusKey,
  type GenesisDoc,
  Home,
  type Log,
  Node,
  NodeError,
  type SignatureWorkers,
  createLog,
  openLevel,
  parseAddress,
  readAppConfig,
  readConfig,
  readGenesis,
  readNodeId,
  startSignatureWorkers,
} from "nild/node";
import type { BaseApp, Database } from "nild/sdk";
import { SECP256K1_CHECK } from "nild/x/auth";
import { BASE_DENOM } from "nild/x/bank";
import { SERVICES } from "./services.js";
import { VERSION } from "./version.js";

export interface RunOptions {
  /** Added to every port of the configuration. */
  readonly portOffset?: number;
  /** Every port is a free one. */
  readonly freePorts?: boolean;
  readonly blockTimeMs?: number;
  readonly log?: Log;
  /** Answers pages of every origin: dev chains only. */
  readonly anyOrigin?: boolean;
}

/** A node with everything it stands on: one call to start, one to stop. */
export interface RunningNode {
  readonly node: Node;
  readonly app: BaseApp;
  readonly chainId: string;
  readonly log: Log;
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export interface OpenedApplication {
  readonly app: BaseApp;
  readonly genesis: GenesisDoc;
  readonly signatures: SignatureWorkers;
  close(): Promise<void>;
}

/** The application over a home's database, for the node and for commands that look into a stopped one. */
export async function openApplication(home: Home, log: Log): Promise<OpenedApplication> {
  const appConfig = await readAppConfig(home);
  const genesis = await readGenesis(home.genesis);
  const db = await openLevel(home.applicationDb);
  const signatures = startSignatureWorkers(log);
  const close = async (): Promise<void> => {
    await signatures.stop();
    await db.close();
  };
  try {
    // A chain node verifies only: the portable back end loads in a fraction of the native one's time.
    const { verifier } = await portableKzg();
    const app = createApp({
      db,
      version: VERSION,
      checkers: { [SECP256K1_CHECK]: signatures.checkNow, [OPENINGS_CHECK]: openingsChecker(verifier) },
      minGasPrice: leastGasPrice(appConfig["minimum-gas-prices"]),
      onUnexpected: (error) => {
        log.error({ err: error }, "a bug that the block survived");
      },
    });
    return { app, genesis, signatures, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The number of "0.001unil". @throws NodeError `config.wrong_value` for a denom that fees are not paid in. */
export function leastGasPrice(setting: string): string {
  if (!setting.endsWith(BASE_DENOM) || !/[0-9]$/.test(setting.slice(0, -BASE_DENOM.length))) {
    throw new NodeError("config.wrong_value", `app.toml: minimum-gas-prices is "${setting}"; fees are paid in ${BASE_DENOM}`, `write a price such as 0.001${BASE_DENOM}`);
  }
  return setting.slice(0, -BASE_DENOM.length);
}

/** Starts the node of a home. */
export async function runNode(root: string, options: RunOptions = {}): Promise<RunningNode> {
  const home = new Home(root);
  const config = await readConfig(home);
  const appConfig = await readAppConfig(home);
  const log = options.log ?? createLog({ level: config.log_level, format: config.log_format });
  const key = await ConsensusKey.read(home.consensusKey);
  const signer = await BlockSigner.open(key, home.signState);
  const nodeId = await readNodeId(home.nodeKey);
  const { app, genesis, signatures, close } = await openApplication(home, log);
  let blockDb: Database | undefined;
  try {
    const blocks = (blockDb = await openLevel(home.blockDb));
    const listen = (address: string): { host: string; port: number } => {
      const { host, port } = parseAddress(address)!;
      return { host, port: options.freePorts ? 0 : port + (options.portOffset ?? 0) };
    };
    const blockTimeMs = options.blockTimeMs ?? config.consensus.block_time_ms;
    const node = await Node.start({
      app,
      genesis,
      blockDb: blocks,
      signer,
      log,
      nodeId,
      moniker: config.moniker,
      appVersion: VERSION,
      checkers: { [SECP256K1_CHECK]: signatures.check },
      queryServices: SERVICES.map(({ query }) => query),
      rpc: { ...listen(config.rpc.laddr), maxBodyBytes: config.rpc.max_body_bytes, maxBatch: config.rpc.max_request_batch_size },
      ...(appConfig.grpc.enable ? { grpc: { ...listen(appConfig.grpc.address), maxMessageBytes: appConfig.grpc["max-recv-msg-size"] } } : {}),
      access: { corsOrigins: options.anyOrigin ? ["*"] : config.rpc.cors_allowed_origins, hostNames: [] },
      mempool: { maxTxs: config.mempool.size, maxBytes: config.mempool.max_txs_bytes, maxTxBytes: config.mempool.max_tx_bytes, cacheSize: config.mempool.cache_size },
      blockTimeMs,
    });
    const stop = async (): Promise<void> => {
      await node.stop();
      await blocks.close();
      await close();
    };
    return { node, app, chainId: genesis.chainId, log, failed: node.failed, stop };
  } catch (error) {
    await blockDb?.close();
    await close();
    throw error;
  }
}
