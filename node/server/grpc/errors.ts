import { Code, ConnectError } from "@connectrpc/connect";
import { type QueryResult, SDK_CODES } from "nild/sdk";
import { NodeError } from "../../errors.js";

const BY_SDK_CODE: ReadonlyMap<number, Code> = new Map<number, Code>([
  [SDK_CODES.TxDecode, Code.InvalidArgument],
  [SDK_CODES.Unauthorized, Code.PermissionDenied],
  [SDK_CODES.InvalidAddress, Code.InvalidArgument],
  [SDK_CODES.InvalidCoins, Code.InvalidArgument],
  [SDK_CODES.OutOfGas, Code.ResourceExhausted],
  [SDK_CODES.InvalidRequest, Code.InvalidArgument],
  [SDK_CODES.KeyNotFound, Code.NotFound],
  [SDK_CODES.NotFound, Code.NotFound],
  [SDK_CODES.InvalidHeight, Code.OutOfRange],
  [SDK_CODES.UnknownAddress, Code.NotFound],
  [SDK_CODES.NotSupported, Code.Unimplemented],
]);

/** A refused query as gRPC status; codespace and code travel as metadata, since gRPC has no room for them. */
export function queryFailure({ codespace, code, log }: Pick<QueryResult, "codespace" | "code" | "log">): ConnectError {
  const status = codespace === "sdk" ? BY_SDK_CODE.get(code) : undefined;
  return new ConnectError(log, status ?? Code.Unknown, { "x-nild-codespace": codespace, "x-nild-code": String(code) });
}

export function nodeFailure(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (!(error instanceof NodeError)) return new ConnectError("the node could not answer; see its log", Code.Internal);
  if (error.code === "tx.not_found") return new ConnectError(error.message, Code.NotFound);
  if (error.code === "query.height") return new ConnectError(error.message, Code.OutOfRange);
  if (error.code === "query.too_broad") return new ConnectError(error.message, Code.ResourceExhausted);
  if (error.code.startsWith("query.")) return new ConnectError(error.message, Code.InvalidArgument);
  return new ConnectError(error.message, Code.Internal);
}
