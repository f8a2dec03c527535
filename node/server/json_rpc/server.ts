import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type AccessRules, allowedOrigin, isAllowedHost, limitedHttpServer } from "../limits.js";
import type { ServedNode } from "../served_node.js";
import { internalError, methodNotFound, parseError } from "./errors.js";
import { type Reply, answerBody, answerUri, failure } from "./protocol.js";

export interface JsonRpcOptions extends AccessRules {
  readonly maxBodyBytes: number;
  readonly maxBatch: number;
}

/** JSON-RPC 2.0 over HTTP as CometBFT speaks it: POST / with one request or a batch, GET /method?param=value. */
export function jsonRpcServer(node: ServedNode, options: JsonRpcOptions): Server {
  return limitedHttpServer((request, response) => {
    serve(node, options, request, response).catch((error: unknown) => {
      node.log.error({ err: error }, "an RPC request failed");
      if (!response.headersSent) send(response, 500, failure(null, internalError("the node could not answer; see its log")));
      else response.destroy();
    });
  });
}

async function serve(node: ServedNode, options: JsonRpcOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isAllowedHost(request.headers.host, options)) return refuse(response, 403, "this node does not answer to that Host");
  const origin = allowedOrigin(request.headers.origin, options);
  if (origin !== undefined) response.setHeader("access-control-allow-origin", origin);
  const url = new URL(request.url ?? "/", "http://node");
  switch (request.method) {
    case "GET":
      return serveUri(node, url, response);
    case "POST":
      return url.pathname === "/" ? servePost(node, options, request, response) : refuse(response, 404, "POST goes to /");
    case "OPTIONS":
      if (origin !== undefined) {
        response.setHeader("access-control-allow-methods", "GET, POST");
        response.setHeader("access-control-allow-headers", "content-type");
      }
      response.writeHead(204).end();
      return;
    default:
      return refuse(response, 405, "use GET or POST");
  }
}

async function serveUri(node: ServedNode, url: URL, response: ServerResponse): Promise<void> {
  const reply = await answerUri(node, url.pathname.slice(1), url.searchParams);
  send(response, reply.error === undefined ? 200 : reply.error.code === methodNotFound().code ? 404 : 500, reply);
}

async function servePost(node: ServedNode, options: JsonRpcOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  // A page may post text/plain anywhere without asking; JSON it may not.
  if (type !== undefined && type !== "application/json") return refuse(response, 415, "Content-Type must be application/json");
  const body = await readBody(request, options.maxBodyBytes);
  if (body === undefined) {
    request.resume();
    return refuse(response, 413, `the body is over ${options.maxBodyBytes} bytes`);
  }
  const text = decodeUtf8(body);
  const reply = text === undefined ? failure(null, parseError("the body is not UTF-8")) : await answerBody(node, text, options.maxBatch);
  if (reply === undefined) response.writeHead(200).end();
  else send(response, 200, reply);
}

/** Strict: no byte is replaced silently. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** undefined: larger than allowed. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: Reply | readonly Reply[]): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

/** Outside JSON-RPC: the request never became a method call. */
function refuse(response: ServerResponse, status: number, error: string): void {
  const text = JSON.stringify({ error });
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), connection: "close" }).end(text);
}
