/** A JSON-RPC error object; `data` carries the words that clients match. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  constructor(
    readonly code: number,
    message: string,
    readonly data = "",
  ) {
    super(data === "" ? message : `${message}: ${data}`);
    this.text = message;
  }
  readonly text: string;
}

export const parseError = (data: string): RpcError => new RpcError(-32700, "Parse error. Invalid JSON", data);
export const invalidRequest = (data: string): RpcError => new RpcError(-32600, "Invalid Request", data);
export const methodNotFound = (): RpcError => new RpcError(-32601, "Method not found");
export const invalidParams = (data: string): RpcError => new RpcError(-32602, "Invalid params", data);
export const internalError = (data: string): RpcError => new RpcError(-32603, "Internal error", data);
