import { type DescMessage, create, toBinary } from "@bufbuild/protobuf";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { GasInfoSchema, type Result, ResultSchema, SimulationResponseSchema } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { SimulateRequestSchema, SimulateResponseSchema } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { AuthInfoSchema, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { SdkError, sdkErr } from "../errors.js";
import { messageToJson, writeJson } from "../json/index.js";
import type { Executed } from "./execution.js";
import { decodeRequest } from "./router.js";

/** The query path that runs a transaction without signatures and without effect. */
export const SIMULATE_PATH = "/cosmos.tx.v1beta1.Service/Simulate";

/** The transaction inside a Simulate request: `tx_bytes`, or the older `tx`, re-encoded. */
export function simulatedTx(data: Uint8Array): Uint8Array {
  const request = decodeRequest(SimulateRequestSchema, data);
  if (request.txBytes.length > 0) return request.txBytes;
  const { tx } = request;
  if (!tx?.body || !tx.authInfo) throw sdkErr.InvalidRequest("empty tx is not allowed: give tx_bytes, or tx with body and auth_info");
  return toBinary(
    TxRawSchema,
    create(TxRawSchema, {
      bodyBytes: toBinary(TxBodySchema, tx.body),
      authInfoBytes: toBinary(AuthInfoSchema, tx.authInfo),
      signatures: tx.signatures,
    }),
  );
}

/** Throws the simulated failure: a client wants to know that the transaction would fail, not its gas. */
export function simulateResponse(executed: Executed): Uint8Array {
  return toBinary(SimulateResponseSchema, create(SimulateResponseSchema, outcome(executed)));
}

/** `/app/simulate` answers in JSON. */
export function simulationJson(executed: Executed, types: (typeUrl: string) => DescMessage | undefined): Uint8Array {
  const message = create(SimulationResponseSchema, outcome(executed));
  return utf8ToBytes(writeJson(messageToJson(SimulationResponseSchema, message, types)));
}

function outcome(executed: Executed) {
  if (executed.code !== 0) throw new SdkError(executed.codespace, executed.code, "SimulationFailed", executed.log);
  const result: Result = create(ResultSchema, {
    data: executed.data,
    log: executed.log,
    events: executed.events.map((event) => ({
      type: event.type,
      attributes: event.attributes.map(({ key, value }) => ({ key, value, index: true })),
    })),
    msgResponses: [...executed.responses],
  });
  return { gasInfo: create(GasInfoSchema, { gasWanted: executed.gasWanted, gasUsed: executed.gasUsed }), result };
}
