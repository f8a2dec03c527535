import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { isIP } from "node:net";

/** Node's own limits are for friends only; these are for strangers. */
const HTTP_OPTIONS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
};
export const MAX_CONNECTIONS = 1_100;
const MAX_HEADERS = 64;
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** Requests in work at once, over all connections; more are told to come back. */
const MAX_IN_FLIGHT = 1_000;

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP/1.1 server with bounded headers, bodies in time, sockets and requests. */
export function limitedHttpServer(handler: Handler): Server {
  let inFlight = 0;
  const server = createServer(HTTP_OPTIONS, (request, response) => {
    if (inFlight >= MAX_IN_FLIGHT) {
      response.writeHead(503, { "retry-after": "1", connection: "close" }).end();
      return;
    }
    inFlight++;
    response.once("close", () => inFlight--);
    handler(request, response);
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  return server;
}

export interface AccessRules {
  /** Origins of pages that may read answers; "*" for every page. None: CORS is off. */
  readonly corsOrigins: readonly string[];
  /** Names under which this node is reached, besides localhost and IP addresses. */
  readonly hostNames: readonly string[];
}

/**
 * A page can point its own name at 127.0.0.1 and so reach a local port; then Host names that page's domain. Addresses
 * cannot be rebound.
 */
export function isAllowedHost(host: string | undefined, rules: AccessRules): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return name === "localhost" || isIP(name) !== 0 || rules.hostNames.includes(name);
}

/** The CORS answer to a request of a page; undefined: none, and the browser keeps the answer from the page. */
export function allowedOrigin(origin: string | undefined, rules: AccessRules): string | undefined {
  if (origin === undefined) return undefined;
  if (rules.corsOrigins.includes("*")) return "*";
  return rules.corsOrigins.includes(origin) ? origin : undefined;
}
