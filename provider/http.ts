import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { HttpError } from "./errors.js";
import type { HttpLimits, ProviderOptions } from "./types.js";

export const DEFAULT_LIMITS: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  responseTimeoutMs: 120_000,
  maxConnections: 1_100,
  maxInFlight: 64,
  metadataReadsPerMinute: 600,
};

export interface HttpRequest {
  readonly method: string;
  /** As it came: nothing decoded, nothing resolved. */
  readonly url: string;
  readonly remote: string;
  header(name: string): string | undefined;
  /** The whole body. @throws HttpError `body_too_large`, `encoded_body`, `bad_http` when it ends early. */
  body(maxBytes: number): Promise<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** The node:http server with its limits; every refusal is {"error", "hint"}. */
export class HttpFront {
  readonly #server: Server;
  #inFlight = 0;

  constructor(
    private readonly handle: (request: HttpRequest) => Promise<HttpAnswer>,
    private readonly limits: HttpLimits,
    private readonly log: NonNullable<ProviderOptions["log"]>,
  ) {
    const { headersTimeoutMs, requestTimeoutMs } = limits;
    this.#server = createServer({
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
      keepAliveTimeout: 5_000,
    });
    this.#server.maxHeadersCount = 64;
    this.#server.maxConnections = limits.maxConnections;
    this.#server.maxRequestsPerSocket = 1_000;
    this.#server.on("request", (request, response) => void this.#serve(request, response));
    this.#server.on("clientError", refuseBadHttp);
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => resolve());
    });
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = this.#inFlight >= this.limits.maxInFlight ? refusal(new HttpError("busy", "too many requests at once; try again soon")) : await this.#answer(request);
    const bytes = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
    // A body that was not read to its end would be taken for the next request.
    if (!request.complete) response.setHeader("connection", "close");
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes.length });
    const slow = setTimeout(() => response.destroy(), this.limits.responseTimeoutMs);
    response.once("close", () => {
      clearTimeout(slow);
      if (!request.complete) request.destroy();
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer> {
    this.#inFlight++;
    try {
      return await this.handle({
        method: request.method ?? "",
        url: request.url ?? "",
        remote: request.socket.remoteAddress ?? "",
        header: (name) => {
          const value = request.headers[name];
          return typeof value === "string" ? value : undefined;
        },
        body: (maxBytes) => readBody(request, maxBytes),
      });
    } catch (error) {
      if (error instanceof HttpError) return refusal(error);
      this.log("error", "request failed", { method: request.method, url: request.url, error: String(error) });
      return refusal(new HttpError("internal", "the provider failed to answer; its log says why"));
    } finally {
      this.#inFlight--;
    }
  }
}

export function jsonAnswer(status: number, value: object): HttpAnswer {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

function refusal({ status, code, hint }: HttpError): HttpAnswer {
  return jsonAnswer(status, { error: code, hint });
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw new HttpError("encoded_body", "send the body as it is, without a content-encoding");
  const tooLarge = new HttpError("body_too_large", `at most ${maxBytes} bytes here`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let total = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) {
        request.pause();
        reject(tooLarge);
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => reject(new HttpError("bad_http", "the connection ended before the body did")));
    request.on("close", () => reject(new HttpError("bad_http", "the connection ended before the body did")));
  });
}

/** What node:http could not read as a request, or what came too slowly. */
function refuseBadHttp(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const why =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new HttpError("request_timeout", "the request came too slowly")
      : error.code === "HPE_HEADER_OVERFLOW"
        ? new HttpError("headers_too_large", "the headers are too large")
        : new HttpError("bad_http", "this is not a well-formed HTTP/1.1 request");
  const { status, body } = refusal(why);
  socket.end(`HTTP/1.1 ${status} ${why.code}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(String(body))}\r\nconnection: close\r\n\r\n${String(body)}`);
}
