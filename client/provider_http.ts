import type { Artifact } from "nild/nilfs";
import { artifactName, BLOB_BYTES, BLOBS_PER_MDU } from "nild/nilfs";
import { hex } from "./bytes.js";
import { ClientError } from "./errors.js";
import { decodeSignedBlobs, maxSignedBlobsBytes, type ResponseTerms, type SignedBlob } from "./responses.js";
import { BLOBS_HEADER, packBlobs, SPARSE_HEADER, unpackBlobs } from "./sparse.js";

/** A provider's answer other than 2xx, with the code of its body. */
export class ProviderError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly hint: string,
  ) {
    super(`HTTP ${status} ${code}: ${hint}`);
    this.name = "ProviderError";
  }
}

/** The facts that an ack covers, as the ack route takes them. */
export interface CommitFacts {
  readonly manifestRoot: Uint8Array;
  readonly sizeBytes: number;
  readonly totalMdus: number;
  readonly mdu0Hash: Uint8Array;
}

export interface UploadListing {
  /** SHA-256 in hex by artifact name, of what the provider holds for the generation. */
  readonly artifacts: ReadonlyMap<string, string>;
  /** Roots (0x-hex) that it has acknowledged: nothing of them need be sent. */
  readonly acked: readonly string[];
}

export interface ProviderHttpOptions {
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

const MAX_JSON = 4 * 1024 * 1024;
/** An ack comes after every byte is verified, and the first one after the provider's KZG library is loaded. */
const ACK_TIMEOUT_MS = 180_000;

/** One provider's HTTP interface (docs/guides/provider.md). Answers are size-capped; redirects are not followed. */
export class ProviderHttp {
  readonly baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor(options: ProviderHttpOptions) {
    this.baseUrl = options.baseUrl;
    // Called as a plain function: browsers refuse `fetch` with another `this`.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  async isHealthy(timeoutMs = 2000): Promise<boolean> {
    try {
      const response = await this.#fetch(`${this.baseUrl}/health`, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async listUploads(dealId: bigint, generation: bigint, ticket: string): Promise<UploadListing> {
    const { body } = await this.#request("GET", `/v1/deals/${dealId}/${generation}`, { headers: { "nil-ticket": ticket }, maxBytes: MAX_JSON });
    const { artifacts, acked } = parseJson(body) as { artifacts?: unknown; acked?: unknown };
    if (typeof artifacts !== "object" || artifacts === null || !Array.isArray(acked)) throw badAnswer("no artifacts or no acked roots");
    return { artifacts: new Map(Object.entries(artifacts).map(([name, hash]) => [name, String(hash)])), acked: acked.map(String) };
  }

  async putArtifact(dealId: bigint, generation: bigint, artifact: Artifact, bytes: Uint8Array, ticket: string): Promise<void> {
    const { mask, body } = packBlobs(bytes);
    await this.#request("PUT", artifactPath(dealId, generation, artifact), {
      headers: { "nil-ticket": ticket, [BLOBS_HEADER]: mask, "content-type": "application/octet-stream" },
      body,
      maxBytes: MAX_JSON,
    });
  }

  /** @returns the provider's slot and its 64-byte signature over nilfs' ackDigest. */
  async acknowledge(dealId: bigint, generation: bigint, facts: CommitFacts, ticket: string): Promise<{ slot: number; signature: Uint8Array }> {
    const { body } = await this.#request("POST", `/v1/deals/${dealId}/${generation}/ack`, {
      headers: { "nil-ticket": ticket, "content-type": "application/json" },
      body: new TextEncoder().encode(
        JSON.stringify({
          manifest_root: `0x${hex(facts.manifestRoot)}`,
          size_bytes: facts.sizeBytes.toString(),
          total_mdus: facts.totalMdus.toString(),
          mdu0_hash: `0x${hex(facts.mdu0Hash)}`,
        }),
      ),
      maxBytes: MAX_JSON,
      timeoutMs: Math.max(ACK_TIMEOUT_MS, this.#timeoutMs),
    });
    const { slot, signature } = parseJson(body) as { slot?: unknown; signature?: unknown };
    const match = typeof signature === "string" ? /^0x([0-9a-f]{128})$/.exec(signature) : null;
    if (typeof slot !== "number" || match === null) throw badAnswer("no slot or no signature of 64 bytes");
    return { slot, signature: Uint8Array.from(match[1]!.match(/../g)!, (pair) => Number.parseInt(pair, 16)) };
  }

  /** A whole object: metadata, or with a candidate's ticket a shard. `blobs`: how many it must have. */
  async readArtifact(dealId: bigint, generation: bigint, artifact: Artifact, blobs: number, ticket?: string): Promise<Uint8Array> {
    const { body, headers } = await this.#request("GET", artifactPath(dealId, generation, artifact), {
      headers: { [SPARSE_HEADER]: "1", ...(ticket === undefined ? {} : { "nil-ticket": ticket }) },
      maxBytes: Math.min(blobs, BLOBS_PER_MDU) * BLOB_BYTES,
    });
    const bytes = unpackBlobs(headers.get(BLOBS_HEADER) ?? "1".repeat(blobs), body, blobs);
    if (bytes === undefined) throw badAnswer(`not the ${blobs} blobs of ${artifactName(artifact)}`);
    return bytes;
  }

  /** Paid read of rows [fromRow, toRow) of a shard. The signatures and hops are not checked here. */
  async readSignedBlobs(artifact: Artifact & { kind: "shard" }, rows: { from: number; to: number }, terms: ResponseTerms): Promise<SignedBlob[]> {
    const count = rows.to - rows.from;
    const { body } = await this.#request("GET", artifactPath(terms.dealId, terms.generation, artifact), {
      headers: { "nil-session": hex(terms.sessionId), range: `bytes=${rows.from * BLOB_BYTES}-${rows.to * BLOB_BYTES - 1}` },
      maxBytes: maxSignedBlobsBytes(count),
    });
    return decodeSignedBlobs(body, terms, count);
  }

  /** Every request may be sent twice: what a broken connection or a busy provider left undone is asked for again. */
  async #request(method: string, path: string, options: RequestOptions): Promise<{ body: Uint8Array; headers: Headers }> {
    for (const pauseMs of RETRY_AFTER_MS) {
      try {
        return await this.#requestOnce(method, path, options);
      } catch (error) {
        if (!isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return this.#requestOnce(method, path, options);
  }

  async #requestOnce(method: string, path: string, options: RequestOptions): Promise<{ body: Uint8Array; headers: Headers }> {
    try {
      const response = await this.#fetch(this.baseUrl + path, {
        method,
        headers: options.headers,
        redirect: "error",
        signal: AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs),
        ...(options.body === undefined ? {} : { body: options.body as Uint8Array<ArrayBuffer> }),
      });
      const body = await readCapped(response, response.ok ? options.maxBytes : MAX_JSON);
      if (!response.ok) throw refusal(response.status, body);
      return { body, headers: response.headers };
    } catch (error) {
      throw networkError(error, this.baseUrl);
    }
  }
}

interface RequestOptions {
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
  readonly maxBytes: number;
  readonly timeoutMs?: number;
}

/** The first time at once: a kept connection that the other side had just closed is no news. */
const RETRY_AFTER_MS = [0, 500];

function isTransient(error: unknown): boolean {
  if (error instanceof ProviderError) return error.status === 408 || error.status === 503;
  return error instanceof ClientError && error.code === "unreachable";
}

function artifactPath(dealId: bigint, generation: bigint, artifact: Artifact): string {
  return `/v1/deals/${dealId}/${generation}/${artifactName(artifact)}`;
}

async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    total += next.value.length;
    if (total > maxBytes) {
      await reader?.cancel();
      throw badAnswer(`more than ${maxBytes} bytes`);
    }
    chunks.push(next.value);
  }
  const out = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function refusal(status: number, body: Uint8Array): ProviderError {
  try {
    const { error, hint } = JSON.parse(new TextDecoder().decode(body)) as { error?: unknown; hint?: unknown };
    return new ProviderError(status, String(error ?? "unknown"), String(hint ?? ""));
  } catch {
    return new ProviderError(status, "unknown", "the answer is not JSON");
  }
}

function parseJson(body: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Falls through.
  }
  throw badAnswer("not a JSON object");
}

function networkError(error: unknown, baseUrl: string): unknown {
  if (error instanceof ClientError || error instanceof ProviderError) return error;
  // What fetch rejects with may be of another realm: judged by its fields.
  const { name, message, cause } = error as { name?: unknown; message?: unknown; cause?: { message?: unknown } };
  if (name === "TimeoutError" || name === "AbortError") {
    return new ClientError("timed_out", `${baseUrl} took too long`, "try again, or take another provider");
  }
  return new ClientError("unreachable", `${baseUrl} does not answer: ${String(cause?.message ?? message)}`, "is the provider running?");
}

function badAnswer(why: string): ClientError {
  return new ClientError("bad_response", `the provider's answer is wrong: ${why}`, "take another provider");
}
