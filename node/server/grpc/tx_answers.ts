import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type TxResponse, TxResponseSchema } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { type GetTxRequest, type GetTxResponse, type GetTxsEventRequest, type GetTxsEventResponse, GetTxResponseSchema, GetTxsEventResponseSchema, OrderBy } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { type Tx, TxSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import type { CommittedTx } from "../../engine/chain.js";
import { NodeError } from "../../errors.js";
import { hex } from "../../hex.js";
import { rfc3339 } from "../../time.js";
import type { ServedNode } from "../served_node.js";

const MAX_LIMIT = 100n;

export function getTx(node: ServedNode, { hash }: GetTxRequest): GetTxResponse {
  if (!/^[0-9a-fA-F]{64}$/.test(hash)) throw new NodeError("query.invalid", "hash is 64 hex digits");
  const found = node.chain.tx(Buffer.from(hash, "hex"));
  if (found === undefined) throw new NodeError("tx.not_found", `tx ${hash.toUpperCase()}`);
  return create(GetTxResponseSchema, { tx: decoded(found), txResponse: txResponse(node, found) });
}

/** Pages count from 1. `query` is CometBFT's grammar; the older `events` list is joined by AND. */
export async function getTxsEvent(node: ServedNode, request: GetTxsEventRequest): Promise<GetTxsEventResponse> {
  const query = request.query === "" ? request.events.join(" AND ") : request.query;
  const limit = request.limit === 0n || request.limit > MAX_LIMIT ? MAX_LIMIT : request.limit;
  const page = request.page === 0n ? 1n : request.page;
  const offset = Number((page - 1n) * limit);
  if (!Number.isSafeInteger(offset)) throw new NodeError("query.invalid", "page is out of range");
  const found = await node.chain.searchTxs(query, { limit: Number(limit), offset, newestFirst: request.orderBy === OrderBy.DESC });
  return create(GetTxsEventResponseSchema, {
    txs: found.txs.map(decoded),
    txResponses: found.txs.map((each) => txResponse(node, each)),
    total: BigInt(found.total),
  });
}

/** The answer to a broadcast: CheckTx's verdict, no height yet. */
export function checkResponse(hash: Uint8Array, result: { code: number; codespace: string; log: string }): TxResponse {
  return create(TxResponseSchema, { txhash: hex(hash), code: result.code, codespace: result.codespace, rawLog: result.log });
}

function txResponse(node: ServedNode, found: CommittedTx): TxResponse {
  const { result } = found;
  return create(TxResponseSchema, {
    height: found.height,
    txhash: hex(found.hash),
    codespace: result.codespace,
    code: result.code,
    data: hex(result.data),
    rawLog: result.log,
    info: result.info,
    gasWanted: result.gasWanted,
    gasUsed: result.gasUsed,
    tx: { typeUrl: `/${TxSchema.typeName}`, value: toBinary(TxSchema, decoded(found)) },
    timestamp: rfc3339(node.chain.block(found.height)!.block.header!.time!),
    events: result.events,
  });
}

/** Only decodable transactions get into blocks, and Tx is TxRaw with its bytes read. */
function decoded({ tx }: CommittedTx): Tx {
  return fromBinary(TxSchema, tx);
}
