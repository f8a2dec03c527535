import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { type Http2Server, type Http2ServerRequest, type Http2ServerResponse, createServer as createHttp2Server } from "node:http2";
import { type Server as NetServer, type Socket, createServer as createNetServer } from "node:net";
import type { DescService, Registry } from "@bufbuild/protobuf";
import { cors } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type AccessRules, MAX_CONNECTIONS, allowedOrigin, isAllowedHost, limitedHttpServer } from "../limits.js";
import type { ServedNode } from "../served_node.js";
import { HEIGHT_HEADER, registerServices } from "./services.js";

export interface GrpcOptions extends AccessRules {
  readonly maxMessageBytes: number;
  /** The application's Query services. */
  readonly queryServices: readonly DescService[];
  /** Types that Any fields may hold, for the JSON form. */
  readonly registry?: Registry;
}

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

const MAX_STREAMS = 100;
const MAX_HEADER_LIST_BYTES = 16_384;
const HTTP2_START = "PRI";
/** A connection that says nothing is closed after this. */
const FIRST_BYTES_TIMEOUT_MS = 10_000;

/**
 * Connect, gRPC and gRPC-web on one port. HTTP/2 without TLS cannot be negotiated, so the first bytes tell: the HTTP/2
 * preface starts with "PRI", which no HTTP/1.1 method does.
 */
export function grpcServer(node: ServedNode, options: GrpcOptions): NetServer {
  const adapter = connectNodeAdapter({
    routes: (router) => registerServices(router, node, options.queryServices),
    readMaxBytes: options.maxMessageBytes,
    writeMaxBytes: options.maxMessageBytes,
    // A misspelt field is an error, as in every other input: ignored, it would ask for something else.
    jsonOptions: { ignoreUnknownFields: false, ...(options.registry === undefined ? {} : { registry: options.registry }) },
  });
  const handler = (request: NodeRequest, response: NodeResponse): void => {
    if (admit(request, response, options)) adapter(request, response);
  };
  const http1 = limitedHttpServer(handler);
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_LIST_BYTES } }, handler);
  http2.on("sessionError", (error) => node.log.debug({ err: error }, "an HTTP/2 session failed"));
  return sniffingServer(http1, http2);
}

/** False: answered already, by a refusal or as a page's preflight. */
function admit(request: NodeRequest, response: NodeResponse, rules: AccessRules): boolean {
  const head = response as ServerResponse;
  const { host, origin, ":authority": authority } = request.headers;
  if (!isAllowedHost(typeof authority === "string" ? authority : host, rules)) {
    head.writeHead(403).end();
    return false;
  }
  const allowed = allowedOrigin(origin, rules);
  if (allowed !== undefined) {
    head.setHeader("access-control-allow-origin", allowed);
    head.setHeader("access-control-expose-headers", [...cors.exposedHeaders, HEIGHT_HEADER, "x-nild-codespace", "x-nild-code"].join(", "));
  }
  if (request.method !== "OPTIONS") return true;
  if (allowed !== undefined) {
    head.setHeader("access-control-allow-methods", cors.allowedMethods.join(", "));
    head.setHeader("access-control-allow-headers", [...cors.allowedHeaders, HEIGHT_HEADER].join(", "));
  }
  head.writeHead(204).end();
  return false;
}

function sniffingServer(http1: HttpServer, http2: Http2Server): NetServer {
  const sockets = new Set<Socket>();
  const server = createNetServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
    const seen: Buffer[] = [];
    const look = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) seen.push(chunk);
      const start = Buffer.concat(seen);
      const mayBeHttp2 = HTTP2_START.startsWith(start.subarray(0, 3).toString("latin1"));
      if (mayBeHttp2 && start.length < HTTP2_START.length && !socket.readableEnded) return;
      socket.off("readable", look);
      socket.removeAllListeners("timeout");
      socket.setTimeout(0);
      socket.unshift(start);
      (mayBeHttp2 ? http2 : http1).emit("connection", socket);
    };
    socket.on("readable", look);
  });
  server.maxConnections = MAX_CONNECTIONS;
  // The two HTTP servers never listen themselves, so closing this one must end what it handed to them.
  const close = server.close.bind(server);
  server.close = (done) => {
    for (const socket of sockets) socket.destroy();
    return close(done);
  };
  return server;
}
