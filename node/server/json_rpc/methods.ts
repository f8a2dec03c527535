import { NodeError } from "../../errors.js";
import { hex } from "../../hex.js";
import { rfc3339, timestampFromNs } from "../../time.js";
import type { BlockSummary, StoredBlock } from "../../engine/chain.js";
import { queryNode } from "../queries.js";
import type { ServedNode } from "../served_node.js";
import { RpcError, internalError, invalidParams } from "./errors.js";
import { type ParamSpecs, type ParamValues, base64Bytes, flag, hexBytes, integer, text } from "./params.js";
import { base64, blockJson, blockResultsJson, consensusKeyJson, queryResultJson, txJson } from "./shapes.js";

export interface Method {
  readonly params: ParamSpecs;
  readonly call: (node: ServedNode, params: Record<string, unknown>) => object | Promise<object>;
}

const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 30;

/** This engine has no peers, but CosmJS refuses a status with these two empty. */
const NO_P2P = { listenAddr: "tcp://127.0.0.1:0", channels: "00" };

/** CometBFT's RPC methods that this node serves; parameters in CometBFT's positional order. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ["health", method({}, () => ({}))],
  ["status", method({}, status)],
  ["abci_info", method({}, abciInfo)],
  ["abci_query", method({ path: text, data: hexBytes, height: integer, prove: flag }, abciQuery)],
  ["broadcast_tx_sync", method({ tx: base64Bytes }, broadcastTxSync)],
  ["tx", method({ hash: base64Bytes, prove: flag }, tx)],
  ["tx_search", method({ query: text, prove: flag, page: integer, per_page: integer, order_by: text }, txSearch)],
  ["block", method({ height: integer }, block)],
  ["block_results", method({ height: integer }, blockResults)],
]);

function method<P extends ParamSpecs>(params: P, call: (node: ServedNode, params: ParamValues<P>) => object | Promise<object>): Method {
  return { params, call: (node, values) => call(node, values as ParamValues<P>) };
}

function status({ chain, info }: ServedNode): object {
  const { validator, latest, earliest } = chain.status();
  const summary = (prefix: string, { hash, appHash, height, timeNs }: BlockSummary): object => ({
    [`${prefix}_block_hash`]: hex(hash),
    [`${prefix}_app_hash`]: hex(appHash),
    [`${prefix}_block_height`]: String(height),
    [`${prefix}_block_time`]: rfc3339(timestampFromNs(timeNs)),
  });
  return {
    node_info: {
      protocol_version: { p2p: "8", block: "11", app: "0" },
      id: info.id,
      listen_addr: NO_P2P.listenAddr,
      network: chain.chainId,
      version: info.version,
      channels: NO_P2P.channels,
      moniker: info.moniker,
      other: { tx_index: "on", rpc_address: info.rpcAddress },
    },
    sync_info: { ...summary("latest", latest), ...summary("earliest", earliest), catching_up: false },
    validator_info: { address: hex(validator.address), pub_key: consensusKeyJson(validator.pubKey), voting_power: String(validator.power) },
  };
}

function abciInfo({ app }: ServedNode): object {
  const info = app.info();
  return {
    response: {
      data: info.name,
      version: info.version,
      ...(info.appVersion === 0n ? {} : { app_version: String(info.appVersion) }),
      last_block_height: String(info.lastBlockHeight),
      last_block_app_hash: base64(info.lastBlockAppHash),
    },
  };
}

async function abciQuery(node: ServedNode, params: { path?: string; data?: Uint8Array; height?: bigint; prove?: boolean }): Promise<object> {
  const { path = "", data = new Uint8Array(0), height = 0n, prove = false } = params;
  if (height < 0n) throw invalidParams("height must not be negative");
  return { response: queryResultJson(await queryNode(node, { path, data, height, prove })) };
}

async function broadcastTxSync({ chain }: ServedNode, { tx: bytes }: { tx?: Uint8Array }): Promise<object> {
  if (bytes === undefined) throw invalidParams("tx is missing");
  try {
    const { hash, result } = await chain.submit(bytes);
    // data stays empty: CosmJS reads it as base64, CometBFT writes it as hex.
    return { code: result.code, data: "", log: result.log, codespace: result.codespace, hash: hex(hash) };
  } catch (error) {
    if (error instanceof NodeError && error.code.startsWith("mempool.")) throw internalError(error.message);
    throw error;
  }
}

function tx({ chain }: ServedNode, { hash, prove = false }: { hash?: Uint8Array; prove?: boolean }): object {
  if (hash?.length !== 32) throw invalidParams("hash must be 32 bytes");
  const found = chain.tx(hash);
  if (found === undefined) throw internalError(`tx (${hex(hash)}) not found`);
  return txJson(found, prove ? chain.block(found.height)?.block : undefined);
}

interface SearchParams {
  query?: string;
  prove?: boolean;
  page?: bigint;
  per_page?: bigint;
  order_by?: string;
}

async function txSearch({ chain }: ServedNode, params: SearchParams): Promise<object> {
  const { query, prove = false, page = 1n, order_by: order = "asc" } = params;
  if (query === undefined) throw invalidParams("query is missing");
  if (order !== "asc" && order !== "desc" && order !== "") throw invalidParams('order_by is "asc" or "desc"');
  const perPage = pageSize(params.per_page);
  // A page number past any number of pages is refused below, once the total is known.
  const offset = page < 1n ? 0 : Number((page - 1n) * BigInt(perPage));
  try {
    const { txs, total } = await chain.searchTxs(query, { limit: perPage, offset, newestFirst: order === "desc" });
    const pages = Math.max(1, Math.ceil(total / perPage));
    if (page < 1n || page > BigInt(pages)) throw internalError(`page should be within [1, ${pages}] range, given ${page}`);
    return { txs: txs.map((each) => txJson(each, prove ? chain.block(each.height)?.block : undefined)), total_count: String(total) };
  } catch (error) {
    if (error instanceof NodeError && error.code.startsWith("query.")) throw invalidParams(error.message);
    throw error;
  }
}

function block({ chain }: ServedNode, { height = chain.height }: { height?: bigint }): object {
  return blockJson(at(chain.block(checkedHeight(chain, height)), height));
}

function blockResults({ chain }: ServedNode, { height = chain.height }: { height?: bigint }): object {
  return blockResultsJson(height, at(chain.results(checkedHeight(chain, height)), height));
}

function checkedHeight(chain: { readonly base: bigint; readonly height: bigint }, height: bigint): bigint {
  if (height <= 0n) throw internalError(`height must be greater than 0, but got ${height}`);
  if (height > chain.height) throw internalError(`height ${height} must be less than or equal to the current blockchain height ${chain.height}`);
  if (height < chain.base) throw internalError(`height ${height} is not available, lowest height is ${chain.base}`);
  return height;
}

function at<T extends StoredBlock | object>(found: T | undefined, height: bigint): T {
  if (found === undefined) throw new RpcError(-32603, "Internal error", `nothing is stored for height ${height}`);
  return found;
}

function pageSize(asked: bigint | undefined): number {
  if (asked === undefined || asked < 1n) return DEFAULT_PER_PAGE;
  return asked > BigInt(MAX_PER_PAGE) ? MAX_PER_PAGE : Number(asked);
}
