import { request, type IncomingHttpHeaders } from "node:http";
import net from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The stable code of a refusal; undefined when the body is not {"error", "hint"}. */
  readonly error: string | undefined;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

/** Sends the path as it is given; fetch would normalise it. */
export function ask(baseUrl: string, path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: { connection: "close", ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode!, headers: response.headers, body: bytes, error: errorOf(bytes) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Writes pieces to a socket, `gapMs` apart, and gives back all that comes until it closes. */
export function talk(baseUrl: string, pieces: Iterable<string | Uint8Array>, gapMs = 0): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    let got = "";
    let open = true;
    socket.on("data", (chunk) => (got += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      open = false;
      resolve(got);
    });
    socket.on("connect", () => {
      const write = async (): Promise<void> => {
        for (const piece of pieces) {
          if (!open) return;
          if (!socket.write(piece)) await Promise.race([new Promise((next) => socket.once("drain", next)), new Promise((next) => socket.once("close", next))]);
          await new Promise((next) => setTimeout(next, gapMs));
        }
      };
      write().catch(reject);
    });
  });
}

export function errorOf(body: Buffer): string | undefined {
  try {
    const { error, hint } = JSON.parse(body.toString()) as { error?: unknown; hint?: unknown };
    return typeof error === "string" && typeof hint === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}
