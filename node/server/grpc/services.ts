import { type DescMethod, type DescService, type Message, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { BroadcastMode, Service as TxService } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { Service as TendermintService } from "nild/gen/cosmos/base/tendermint/v1beta1/query_pb.js";
import { SDK_CODES } from "nild/sdk";
import { txHash } from "../../engine/embedded/hashes.js";
import { NodeError } from "../../errors.js";
import type { ServedNode } from "../served_node.js";
import { nodeFailure, queryFailure } from "./errors.js";
import { tendermintAnswers } from "./tendermint_answers.js";
import { checkResponse, getTx, getTxsEvent } from "./tx_answers.js";

export const HEIGHT_HEADER = "x-cosmos-block-height";

/** Routes every Query service to the application by path, and the Tx and Tendermint services to the node. */
export function registerServices(router: ConnectRouter, node: ServedNode, queryServices: readonly DescService[]): void {
  for (const service of queryServices) {
    const implementation: Record<string, unknown> = {};
    for (const method of service.methods) {
      implementation[method.localName] = (request: Message, context: HandlerContext) => queryApp(node, method, request, context);
    }
    router.service(service, implementation as Partial<ServiceImpl<DescService>>);
  }
  router.service(TxService, {
    simulate: (request, context) => queryApp(node, TxService.method.simulate, request, context),
    getTx: guarded(node, (request) => getTx(node, request)),
    getTxsEvent: guarded(node, (request) => getTxsEvent(node, request)),
    broadcastTx: guarded(node, ({ txBytes, mode }) => broadcast(node, txBytes, mode)),
  });
  router.service(TendermintService, tendermintAnswers(node, guarded));
}

function queryApp(node: ServedNode, method: DescMethod, request: Message, context: HandlerContext): object {
  const result = node.app.query({
    path: `/${method.parent.typeName}/${method.name}`,
    data: toBinary(method.input, request),
    height: heightOf(context),
    prove: false,
  });
  if (result.code !== 0) throw queryFailure(result);
  context.responseHeader.set(HEIGHT_HEADER, String(result.height));
  return fromBinary(method.output, result.value);
}

function heightOf(context: HandlerContext): bigint {
  const pinned = context.requestHeader.get(HEIGHT_HEADER);
  if (pinned === null) return 0n;
  if (!/^\d{1,18}$/.test(pinned)) throw new ConnectError(`${HEIGHT_HEADER} must be a block height`, Code.InvalidArgument);
  return BigInt(pinned);
}

async function broadcast(node: ServedNode, txBytes: Uint8Array, mode: BroadcastMode): Promise<object> {
  if (mode !== BroadcastMode.SYNC && mode !== BroadcastMode.ASYNC) {
    throw new ConnectError("mode is BROADCAST_MODE_SYNC or BROADCAST_MODE_ASYNC", Code.InvalidArgument);
  }
  try {
    const { hash, result } = await node.chain.submit(txBytes);
    return { txResponse: checkResponse(hash, result) };
  } catch (error) {
    const refusal = error instanceof NodeError ? MEMPOOL_CODES.get(error.code) : undefined;
    if (refusal === undefined) throw error;
    return { txResponse: checkResponse(txHash(txBytes), { code: refusal, codespace: "sdk", log: (error as NodeError).message }) };
  }
}

/** Clients expect the mempool's refusals as codes here, where JSON-RPC gives words. */
const MEMPOOL_CODES: ReadonlyMap<string, number> = new Map([
  ["mempool.tx_in_cache", SDK_CODES.TxInMempoolCache],
  ["mempool.full", SDK_CODES.MempoolIsFull],
  ["mempool.tx_too_large", SDK_CODES.TxTooLarge],
]);

export type Guard = <I, O>(node: ServedNode, work: (request: I) => O | Promise<O>) => (request: I) => Promise<O>;

/** Turns the node's own errors into gRPC statuses, and logs the ones that are bugs. */
const guarded: Guard = (node, work) => async (request) => {
  try {
    return await work(request);
  } catch (error) {
    const failure = nodeFailure(error);
    if (failure.code === Code.Internal) node.log.error({ err: error }, "an RPC method failed");
    throw failure;
  }
};
