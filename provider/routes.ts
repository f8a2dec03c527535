import { acknowledge, type AckContext } from "./acks.js";
import { HttpError } from "./errors.js";
import { jsonAnswer, type HttpAnswer, type HttpRequest } from "./http.js";
import { artifactOf } from "./objects.js";
import type { Reads } from "./reads.js";

/** Ids as decimal without sign, space or leading zero; the rest of the path is one name, taken as it stands. */
const GENERATION = /^\/v1\/deals\/([1-9][0-9]{0,19})\/([1-9][0-9]{0,19})(?:\/([a-z0-9_.]{1,64}))?$/;

export interface Routes extends AckContext {
  readonly reads: Reads;
  readonly status: () => object;
}

/**
 * GET  /health, /status
 * PUT  /v1/deals/{id}/{generation}/{artifact}   upload, by the owner's ticket
 * GET  /v1/deals/{id}/{generation}/{artifact}   metadata; a shard by session or by a candidate's ticket
 * GET  /v1/deals/{id}/{generation}              what was uploaded so far, by the owner's ticket
 * POST /v1/deals/{id}/{generation}/ack          verify and sign, by the owner's ticket
 */
export async function route(routes: Routes, request: HttpRequest): Promise<HttpAnswer> {
  const { url, method } = request;
  if (url === "/health") return only(method, "GET", () => ({ status: 200, headers: { "content-type": "text/plain" }, body: "OK\n" }));
  if (url === "/status") return only(method, "GET", () => jsonAnswer(200, routes.status()));
  if (!url.startsWith("/v1/")) throw new HttpError("not_found", "this provider answers /health, /status and /v1/deals/…");
  const match = GENERATION.exec(url);
  if (match === null) throw new HttpError("bad_path", "expected /v1/deals/{id}/{generation}/{artifact name}, without escapes or a query");
  const dealId = u64(match[1]!);
  const generation = u64(match[2]!);
  const name = match[3];
  if (name === undefined) return only(method, "GET", async () => jsonAnswer(200, await routes.uploads.list(request, dealId, generation)));
  if (name === "ack") return only(method, "POST", async () => jsonAnswer(200, await acknowledge(routes, request, dealId, generation)));
  const artifact = artifactOf(name);
  if (method === "PUT") {
    await routes.uploads.put(request, dealId, generation, artifact);
    return jsonAnswer(201, { stored: name });
  }
  return only(method, "GET", () => routes.reads.get(request, dealId, generation, artifact));
}

function only(method: string, allowed: string, answer: () => HttpAnswer | Promise<HttpAnswer>): HttpAnswer | Promise<HttpAnswer> {
  if (method !== allowed) throw new HttpError("method_not_allowed", `use ${allowed} here`);
  return answer();
}

function u64(text: string): bigint {
  const value = BigInt(text);
  if (value >> 64n !== 0n) throw new HttpError("bad_path", "ids fit 64 bits");
  return value;
}
