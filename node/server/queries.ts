import { type DescMessage, type MessageInitShape, type MessageShape, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { GetTxRequestSchema, GetTxResponseSchema, GetTxsEventRequestSchema, GetTxsEventResponseSchema } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { type QueryRequest, type QueryResult, SDK_CODES } from "nild/sdk";
import { NodeError } from "../errors.js";
import { getTx, getTxsEvent } from "./grpc/tx_answers.js";
import type { ServedNode } from "./served_node.js";

const TX_SERVICE = "/cosmos.tx.v1beta1.Service/";

/**
 * A query by path. Most go to the application; what it cannot know (blocks and transactions) the node answers from its
 * own stores, under the paths that clients of this ecosystem use.
 */
export async function queryNode(node: ServedNode, request: QueryRequest): Promise<QueryResult> {
  switch (request.path) {
    case `${TX_SERVICE}GetTx`:
      return answer(node, request, GetTxRequestSchema, GetTxResponseSchema, (asked) => Promise.resolve(getTx(node, asked)));
    case `${TX_SERVICE}GetTxsEvent`:
      return answer(node, request, GetTxsEventRequestSchema, GetTxsEventResponseSchema, (asked) => getTxsEvent(node, asked));
    case `${TX_SERVICE}BroadcastTx`:
      return failed(node, SDK_CODES.InvalidRequest, "a query cannot broadcast; use broadcast_tx_sync");
    default:
      return node.app.query(request);
  }
}

async function answer<I extends DescMessage, O extends DescMessage>(
  node: ServedNode,
  request: QueryRequest,
  input: I,
  output: O,
  work: (asked: MessageShape<I>) => Promise<MessageInitShape<O>>,
): Promise<QueryResult> {
  let asked: MessageShape<I>;
  try {
    asked = fromBinary(input, request.data);
  } catch {
    return failed(node, SDK_CODES.InvalidRequest, `the request is no ${input.typeName}`);
  }
  try {
    const value = toBinary(output, create(output, await work(asked)));
    return { code: 0, codespace: "", log: "", key: new Uint8Array(0), value, height: node.chain.height, proofOps: [] };
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    return failed(node, error.code === "tx.not_found" ? SDK_CODES.KeyNotFound : SDK_CODES.InvalidRequest, error.message);
  }
}

function failed(node: ServedNode, code: number, log: string): QueryResult {
  const words = code === SDK_CODES.KeyNotFound ? `rpc error: code = NotFound desc = ${log}: key not found` : log;
  return { code, codespace: "sdk", log: words, key: new Uint8Array(0), value: new Uint8Array(0), height: node.chain.height, proofOps: [] };
}
