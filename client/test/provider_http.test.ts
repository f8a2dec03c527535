import { BLOB_BYTES } from "nild/nilfs";
import { ProviderHttp } from "nild/client";
import { codeOf, rejection } from "./codes.js";

/** Answers in turn; an Error is what fetch rejects with. */
function provider(...answers: (Response | Error)[]): { http: ProviderHttp; requests: string[] } {
  const requests: string[] = [];
  const fake = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    requests.push(`${init?.method ?? "GET"} ${String(url)}`);
    const next = answers.shift();
    if (next === undefined) throw new Error("no answer left");
    if (next instanceof Error) throw next;
    return next;
  };
  return { http: new ProviderHttp({ baseUrl: "http://p", fetch: fake as typeof fetch }), requests };
}

const refused = (status: number, error: string): Response => new Response(JSON.stringify({ error, hint: "h" }), { status });
const reset = new TypeError("fetch failed", { cause: new Error("other side closed") });
const manifest = (bytes = BLOB_BYTES): Response => new Response(new Uint8Array(bytes));

test("a broken connection, a slow and a busy provider are asked again", async () => {
  const { http, requests } = provider(reset, refused(503, "busy"), manifest());
  expect((await http.readArtifact(1n, 2n, { kind: "manifest" }, 1)).length).toBe(BLOB_BYTES);
  expect(requests).toEqual(Array(3).fill("GET http://p/v1/deals/1/2/manifest.bin"));
});

test("after the third time it is unreachable; a refusal is final at once", async () => {
  const dead = provider(reset, reset, reset, manifest());
  expect(await codeOf(dead.http.readArtifact(1n, 2n, { kind: "manifest" }, 1))).toBe("unreachable");
  expect(dead.requests.length).toBe(3);
  const closed = provider(refused(409, "session_closed"), manifest());
  expect(await rejection(closed.http.readArtifact(1n, 2n, { kind: "manifest" }, 1))).toMatchObject({ status: 409, code: "session_closed", hint: "h" });
  expect(closed.requests.length).toBe(1);
});

test("a provider that takes too long is not waited for twice", async () => {
  const late = Object.assign(new Error("timeout"), { name: "TimeoutError" });
  const { http, requests } = provider(late, manifest());
  expect(await codeOf(http.readArtifact(1n, 2n, { kind: "manifest" }, 1))).toBe("timed_out");
  expect(requests.length).toBe(1);
});

test.each<[string, Response]>([
  ["more bytes than there can be", manifest(BLOB_BYTES + 1)],
  ["fewer bytes", manifest(BLOB_BYTES - 1)],
  ["a mask that does not fit", new Response(new Uint8Array(BLOB_BYTES), { headers: { "nil-blobs": "0" } })],
])("%s is a bad response", async (_, answer) => {
  expect(await codeOf(provider(answer).http.readArtifact(1n, 2n, { kind: "manifest" }, 1))).toBe("bad_response");
});

test("refusals that are not of our form keep their status", async () => {
  expect(await rejection(provider(new Response("<html>", { status: 502 })).http.readArtifact(1n, 2n, { kind: "manifest" }, 1))).toMatchObject({ status: 502, code: "unknown" });
});

const facts = { manifestRoot: new Uint8Array(48), sizeBytes: 1, totalMdus: 3, mdu0Hash: new Uint8Array(32) };

test.each(["", "[]", "null", '{"slot":"0","signature":"0x00"}', '{"slot":0,"signature":"00"}', '{"slot":0}'])("ack answer %j is a bad response", async (body) => {
  expect(await codeOf(provider(new Response(body)).http.acknowledge(1n, 1n, facts, "t"))).toBe("bad_response");
});

test.each(["{}", '{"artifacts":null,"acked":[]}', '{"artifacts":{}}', "x"])("listing %j is a bad response", async (body) => {
  expect(await codeOf(provider(new Response(body)).http.listUploads(1n, 1n, "t"))).toBe("bad_response");
});

test("health is a yes or a no", async () => {
  expect(await provider(new Response("OK")).http.isHealthy()).toBe(true);
  expect(await provider(new Response("no", { status: 500 })).http.isHealthy()).toBe(false);
  expect(await provider(reset).http.isHealthy()).toBe(false);
});
