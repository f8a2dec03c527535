import { messageOf } from "../../errors.js";
import type { ServedNode } from "../served_node.js";
import { RpcError, internalError, invalidRequest, methodNotFound, parseError } from "./errors.js";
import { METHODS } from "./methods.js";
import { paramsFromJson, paramsFromUri } from "./params.js";

export interface Reply {
  readonly jsonrpc: "2.0";
  readonly id: number | string | null;
  readonly result?: object;
  readonly error?: { readonly code: number; readonly message: string; readonly data: string };
}

const MAX_DEPTH = 64;
/** GET answers carry this id, as CometBFT's do. */
const URI_ID = -1;

/** Answers the text of one POST body. undefined: only notifications, so there is nothing to say. */
export async function answerBody(node: ServedNode, body: string, maxBatch: number): Promise<Reply | readonly Reply[] | undefined> {
  if (isTooDeep(body)) return failure(null, parseError(`nested deeper than ${MAX_DEPTH}`));
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    return failure(null, parseError(messageOf(error)));
  }
  if (!Array.isArray(parsed)) return answerOne(node, parsed);
  if (parsed.length === 0 || parsed.length > maxBatch) return failure(null, invalidRequest(`a batch has 1 to ${maxBatch} requests, this one ${parsed.length}`));
  const replies = (await Promise.all(parsed.map((each: unknown) => answerOne(node, each)))).filter((reply) => reply !== undefined);
  return replies.length <= 1 ? replies[0] : replies;
}

/** Answers GET /method?name=value. */
export async function answerUri(node: ServedNode, name: string, query: URLSearchParams): Promise<Reply> {
  const method = METHODS.get(name);
  if (method === undefined) return failure(URI_ID, methodNotFound());
  return settle(node, URI_ID, async () => method.call(node, paramsFromUri(method.params, query)));
}

async function answerOne(node: ServedNode, request: unknown): Promise<Reply | undefined> {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return failure(null, invalidRequest("a request is an object"));
  const { jsonrpc, id, method: name, params } = request as Record<string, unknown>;
  if (id !== undefined && id !== null && !isId(id)) return failure(null, invalidRequest("id must be a string or a whole number"));
  if (jsonrpc !== "2.0") return failure(id ?? null, invalidRequest('jsonrpc must be "2.0"'));
  if (typeof name !== "string") return failure(id ?? null, invalidRequest("method must be a string"));
  const method = METHODS.get(name);
  const reply = method === undefined ? failure(id ?? null, methodNotFound()) : await settle(node, id ?? null, async () => method.call(node, paramsFromJson(method.params, params)));
  // Without an id it is a notification: done, but not answered.
  return id === undefined || id === null ? undefined : reply;
}

async function settle(node: ServedNode, id: Reply["id"], work: () => Promise<object>): Promise<Reply> {
  try {
    return { jsonrpc: "2.0", id, result: await work() };
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error);
    node.log.error({ err: error }, "a JSON-RPC method failed");
    return failure(id, internalError("the node could not answer; see its log"));
  }
}

export function failure(id: Reply["id"], error: RpcError): Reply {
  return { jsonrpc: "2.0", id, error: { code: error.code, message: error.text, data: error.data } };
}

function isId(id: unknown): id is string | number {
  return (typeof id === "string" && id.length <= 128) || (typeof id === "number" && Number.isSafeInteger(id));
}

/** Looks at brackets outside strings only: cheap, and before the parser sees the text. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
  return false;
}
