import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { encodeSlab, shardArtifactName, toHex, type Slab } from "nild/nilfs";
import { ANY_ARTIFACT, BLOBS_HEADER, packBlobs, signTicket, Wallet, type TicketTerms } from "nild/client";
import { pattern } from "./bytes.js";
import { Network } from "./network.js";
import { ask, talk, type Answer, type Asked } from "./raw_http.js";

/*
 * One provider that holds slot 0 of deal 1, RS(2+2), nothing committed: uploads are for generation 1.
 */
const NOW = BigInt(Math.floor(Date.now() / 1000));
const BLOB = 131_072;

let network: Network;
let url: string;
let stranger: Wallet;

beforeAll(async () => {
  network = await Network.start(4, (i) => (i === 0 ? { limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 }, quotaBytes: 40 * 1024 * 1024 } : {}));
  network.deal({ k: 2, m: 2 });
  url = network.daemons[0]!.status().url;
  stranger = await Wallet.fromPrivateKey(new Uint8Array(32).fill(99));
});

afterAll(() => network.stop());

function ticket(terms: Partial<TicketTerms> = {}, signer = network.owner, chainId = network.chain.id): Promise<string> {
  return signTicket(signer, chainId, {
    purpose: "upload",
    dealId: 1n,
    generation: 1n,
    artifact: ANY_ARTIFACT,
    provider: network.daemons[0]!.address,
    expires: NOW + 3_600n,
    ...terms,
  });
}

async function upload(name: string, body: Uint8Array, asked: Asked = {}, header?: string): Promise<Answer> {
  return ask(url, `/v1/deals/1/1/${name}`, { method: "PUT", ...asked, body, headers: { "nil-ticket": header ?? (await ticket()), ...asked.headers } });
}

async function listing(): Promise<string[]> {
  const { body } = await ask(url, "/v1/deals/1/1", { headers: { "nil-ticket": await ticket() } });
  return Object.keys((JSON.parse(body.toString()) as { artifacts: object }).artifacts).sort();
}

function stagedFiles(): Promise<string[]> {
  return readdir(path.join(network.homes[0]!, "data/staging/1/1")).catch(() => []);
}

describe("paths", () => {
  test.each([
    "/v1/deals/1/1/..%2fmdu_0.bin",
    "/v1/deals/1/1/../../../../etc/passwd",
    "/v1/deals/1/1/%252e%252e",
    "/v1/deals/1/1/..%5cmdu_0.bin",
    "/v1/deals/1/1/mdu_0.bin%00",
    "/v1/deals/1/1//etc/passwd",
    "/v1/deals/1/1/",
    "/v1/deals/1/1/.tmp-0",
    "/v1/deals/1/1/facts.json",
    "/v1/deals/1/1/mdu_00.bin",
    "/v1/deals/1/1/mdu_4096.bin",
    "/v1/deals/01/1/mdu_0.bin",
    "/v1/deals/-1/1/mdu_0.bin",
    "/v1/deals/18446744073709551616/1/mdu_0.bin",
    "/v1/deals/1/1/mdu_0.bin?x=1",
    `/v1/deals/1/1/${"a".repeat(4096)}`,
  ])("%s is a bad path", async (asked) => {
    expect(await ask(url, asked)).toMatchObject({ status: 400, error: "bad_path" });
  });

  test("other paths and methods have their codes", async () => {
    expect(await ask(url, "/")).toMatchObject({ status: 404, error: "not_found" });
    expect(await ask(url, "/health", { method: "POST" })).toMatchObject({ status: 405, error: "method_not_allowed" });
    expect(await ask(url, "/v1/deals/1/1/mdu_0.bin", { method: "DELETE" })).toMatchObject({ status: 405, error: "method_not_allowed" });
    expect((await ask(url, "/health")).body.toString()).toBe("OK\n");
    expect(JSON.parse((await ask(url, "/status")).body.toString())).toMatchObject({ address: network.daemons[0]!.address, queue_length: 0, last_error: null });
  });

  test("a planted link is not followed, as file or as folder", async () => {
    const deals = path.join(network.homes[0]!, "data/deals/1");
    const outside = path.join(network.homes[0]!, "outside");
    await mkdir(outside, { recursive: true });
    await writeFile(path.join(outside, "manifest.bin"), new Uint8Array(BLOB));
    await mkdir(path.join(deals, "1"), { recursive: true });
    await symlink(path.join(outside, "manifest.bin"), path.join(deals, "1", "manifest.bin"));
    await symlink(outside, path.join(deals, "2"));
    expect(await ask(url, "/v1/deals/1/1/manifest.bin")).toMatchObject({ status: 403, error: "forbidden_link" });
    expect(await ask(url, "/v1/deals/1/2/manifest.bin")).toMatchObject({ status: 403, error: "forbidden_link" });
  });
});

describe("tickets", () => {
  test.each<[string, number, string, () => Promise<string | undefined>]>([
    ["none", 401, "ticket_missing", async () => undefined],
    ["not base64", 400, "bad_ticket", async () => "%%%"],
    ["not an object", 400, "bad_ticket", async () => Buffer.from("[1]").toString("base64")],
    ["too long", 400, "bad_ticket", async () => "a".repeat(4_000)],
    ["a number out of range", 400, "bad_ticket", async () => edited((json) => ({ ...json, expires: "18446744073709551616" }))],
    ["a purpose of another name", 400, "bad_ticket", async () => edited((json) => ({ ...json, purpose: "all" }))],
    ["expired", 401, "ticket_expired", () => ticket({ expires: NOW - 10n })],
    ["of too long a life", 401, "ticket_invalid", () => ticket({ expires: NOW + 1_000_000n })],
    ["for another chain", 401, "ticket_invalid", () => ticket({}, network.owner, "other-1")],
    ["with a field changed after signing", 401, "ticket_invalid", () => edited((json) => ({ ...json, generation: "2" }))],
    ["with a flipped signature", 401, "ticket_invalid", () => edited((json) => ({ ...json, signature: `${json.signature!.slice(0, -1)}${json.signature!.endsWith("0") ? "1" : "0"}` }))],
    ["with a key that is no point", 401, "ticket_invalid", () => edited((json) => ({ ...json, public_key: "05".padEnd(66, "0") }))],
    ["for another provider", 403, "ticket_scope", () => ticket({ provider: network.daemons[1]!.address })],
    ["for another deal", 403, "ticket_scope", () => ticket({ dealId: 2n })],
    ["for another generation", 403, "ticket_scope", () => ticket({ generation: 2n })],
    ["for another object", 403, "ticket_scope", () => ticket({ artifact: "mdu_0.bin" })],
    ["for repairs", 403, "ticket_scope", () => ticket({ purpose: "repair" })],
    ["of somebody else", 403, "not_owner", () => ticket({}, stranger)],
  ])("%s: %s %s", async (_, status, error, make) => {
    const header = await make();
    const answer = await ask(url, "/v1/deals/1/1/manifest.bin", { method: "PUT", body: new Uint8Array(BLOB), headers: header === undefined ? {} : { "nil-ticket": header } });
    expect(answer).toMatchObject({ status, error });
    expect(await listing()).toEqual([]);
  });

  test("high-S signatures are refused", async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const header = await edited((json) => {
      const s = order - BigInt(`0x${json.signature!.slice(64)}`);
      return { ...json, signature: json.signature!.slice(0, 64) + s.toString(16).padStart(64, "0") };
    });
    expect(await upload("manifest.bin", new Uint8Array(BLOB), {}, header)).toMatchObject({ status: 401, error: "ticket_invalid" });
  });

  test("a deal that does not exist, one without a slot here, and a dead chain", async () => {
    network.chain.addDeal(5n, network.owner.address, { k: 1, m: 1 }, [network.daemons[1]!.address, network.daemons[2]!.address]);
    const at = async (dealId: bigint): Promise<Answer> =>
      ask(url, `/v1/deals/${dealId}/1/manifest.bin`, { method: "PUT", body: new Uint8Array(BLOB), headers: { "nil-ticket": await ticket({ dealId }) } });
    expect(await at(404n)).toMatchObject({ status: 404, error: "deal_not_found" });
    expect(await at(5n)).toMatchObject({ status: 403, error: "not_assigned" });
    network.chain.down = true;
    const answer = await at(6n);
    network.chain.down = false;
    expect(answer).toMatchObject({ status: 502, error: "chain_unreachable" });
  });
});

describe("bodies", () => {
  test.each<[string, string, number, Record<string, string>, number, string]>([
    ["one byte short", "manifest.bin", BLOB - 1, {}, 400, "bad_length"],
    ["one byte long", "manifest.bin", BLOB + 1, {}, 413, "body_too_large"],
    ["another slot's shard", shardArtifactName(2, 1), 32 * BLOB, {}, 403, "wrong_artifact"],
    ["a shard beyond the deal's MDUs", shardArtifactName(3, 0), 32 * BLOB, {}, 403, "wrong_artifact"],
    ["a shard of a witness MDU", shardArtifactName(1, 0), 32 * BLOB, {}, 403, "wrong_artifact"],
    ["a user MDU as a whole", "mdu_2.bin", 64 * BLOB, {}, 403, "wrong_artifact"],
    ["compressed", "manifest.bin", BLOB, { "content-encoding": "gzip" }, 415, "encoded_body"],
    ["a mask of another length", "mdu_0.bin", BLOB, { [BLOBS_HEADER]: "1" }, 400, "bad_mask"],
    ["a mask of other digits", "manifest.bin", BLOB, { [BLOBS_HEADER]: "2" }, 400, "bad_mask"],
    ["fewer blobs than the mask says", "mdu_0.bin", BLOB, { [BLOBS_HEADER]: "11".padEnd(64, "0") }, 400, "bad_length"],
  ])("%s", async (_, name, length, headers, status, error) => {
    expect(await upload(name, new Uint8Array(length).fill(1), { headers })).toMatchObject({ status, error });
    expect(await listing()).toEqual([]);
    expect(await stagedFiles()).toEqual([]);
  });

  test("an endless chunked body is cut off", async () => {
    const head = `PUT /v1/deals/1/1/manifest.bin HTTP/1.1\r\nhost: x\r\nnil-ticket: ${await ticket()}\r\ntransfer-encoding: chunked\r\n\r\n`;
    function* endless(): Generator<string> {
      yield head;
      for (let i = 0; i < 1_000; i++) yield `10000\r\n${"x".repeat(0x10000)}\r\n`;
    }
    const got = await talk(url, endless());
    expect(got === "" || got.startsWith("HTTP/1.1 413")).toBe(true);
    expect(await listing()).toEqual([]);
  });

  test("a body that ends early leaves nothing", async () => {
    const head = `PUT /v1/deals/1/1/manifest.bin HTTP/1.1\r\nhost: x\r\nnil-ticket: ${await ticket()}\r\ncontent-length: ${BLOB}\r\n\r\n`;
    expect(await talk(url, [head, "x".repeat(1_000)], 100)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await listing()).toEqual([]);
    expect(await stagedFiles()).toEqual([]);
  });

  test("headers that come too slowly are answered with 408 as JSON", async () => {
    const got = await talk(url, ["GET /health HTTP/1.1\r\n", ..."x-slow: 1".split("")], 100);
    expect(got).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(got.slice(got.indexOf("\r\n\r\n")))).toMatchObject({ error: "request_timeout" });
  });

  test.each([
    ["a bare carriage return in a header", "GET /health HTTP/1.1\r\nhost: x\r\nx-a: b\rinjected: 1\r\n\r\n", "400"],
    ["Content-Length and Transfer-Encoding", "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"],
    ["headers of 20 KB", `GET /health HTTP/1.1\r\nhost: x\r\nx-a: ${"b".repeat(20_000)}\r\n\r\n`, "431"],
  ])("%s is refused", async (_, request, status) => {
    const got = await talk(url, [request]);
    expect(got.slice(9, 12)).toBe(status);
    expect(JSON.parse(got.slice(got.indexOf("\r\n\r\n")))).toHaveProperty("hint");
  });

  test("two uploads of one object leave one of them, whole", async () => {
    const [a, b] = [pattern(BLOB, 1), pattern(BLOB, 2)];
    const answers = await Promise.all([a, b, a, b].map((body) => upload("manifest.bin", body)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const stored = await readFile(path.join(network.homes[0]!, "data/staging/1/1/manifest.bin"));
    expect([a, b].some((body) => body.equals(stored))).toBe(true);
    expect((await stagedFiles()).sort()).toEqual(["manifest.bin", "manifest.bin.sums"]);
  });

  test("over its quota the provider says so and keeps what it has", async () => {
    const before = await listing();
    // 40 MiB hold the manifest, MDU 0 and its twins four times over, not seven.
    const bytes = new Uint8Array(64 * BLOB).fill(3);
    const shard = new Uint8Array(32 * BLOB).fill(3);
    network.chain.addDeal(7n, network.owner.address, { k: 2, m: 2 }, network.daemons.map(({ address }) => address), 8);
    const at = async (name: string, body: Uint8Array): Promise<number> =>
      (await ask(url, `/v1/deals/7/1/${name}`, { method: "PUT", body, headers: { "nil-ticket": await ticket({ dealId: 7n }) } })).status;
    const statuses = [await at("mdu_0.bin", bytes), await at("mdu_1.bin", bytes)];
    for (let i = 2; i < 9; i++) statuses.push(await at(shardArtifactName(i, 0), shard));
    expect(statuses).toContain(507);
    expect(statuses.slice(0, 4)).toEqual([201, 201, 201, 201]);
    expect(await listing()).toEqual(before);
  });
});

describe("acks", () => {
  let slab: Slab;

  beforeAll(async () => {
    network.chain.addDeal(8n, network.owner.address, { k: 2, m: 2 }, network.daemons.map(({ address }) => address));
    slab = await encodeSlab({ files: [{ path: "a", bytes: pattern(100, 1) }], profile: { k: 2, m: 2 }, maxUserMdus: 1, prover: network.kzg.prover });
  });

  const node = (): string => network.daemons[1]!.status().url;

  function signed(generation = 1n): Promise<string> {
    return ticket({ dealId: 8n, generation, provider: network.daemons[1]!.address });
  }

  async function ack(facts: Record<string, unknown> = {}, generation = 1n): Promise<Answer> {
    const body = {
      manifest_root: toHex(slab.manifestRoot),
      size_bytes: String(slab.sizeBytes),
      total_mdus: String(slab.totalMdus),
      mdu0_hash: toHex(slab.mdu0Hash),
      ...facts,
    };
    return ask(node(), `/v1/deals/8/${generation}/ack`, { method: "POST", body: JSON.stringify(body), headers: { "nil-ticket": await signed(generation) } });
  }

  async function send(name: string, bytes: Uint8Array): Promise<Answer> {
    const { mask, body } = packBlobs(bytes);
    return ask(node(), `/v1/deals/8/1/${name}`, { method: "PUT", body, headers: { "nil-ticket": await signed(), [BLOBS_HEADER]: mask } });
  }

  test.each<[string, Record<string, unknown>, number, string]>([
    ["root of 95 digits", { manifest_root: `0x${"a".repeat(95)}` }, 400, "bad_root"],
    ["root of 97 digits", { manifest_root: `0x${"a".repeat(97)}` }, 400, "bad_root"],
    ["root in upper case", { manifest_root: `0x${"A".repeat(96)}` }, 400, "bad_root"],
    ["root at infinity", { manifest_root: `0xc0${"0".repeat(94)}` }, 400, "bad_root"],
    ["root that is no point", { manifest_root: `0x8${"f".repeat(95)}` }, 400, "bad_root"],
    ["root outside the subgroup", { manifest_root: "0x8123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }, 400, "bad_root"],
    ["size as a number", { size_bytes: 100 }, 400, "bad_facts"],
    ["no size", { size_bytes: "0" }, 400, "bad_facts"],
    ["more MDUs than the size fills", { total_mdus: "4" }, 400, "bad_facts"],
    ["more MDUs than the deal has room for", { size_bytes: "16000000", total_mdus: "4" }, 400, "bad_facts"],
    ["a short hash", { mdu0_hash: "0x00" }, 400, "bad_facts"],
  ])("%s", async (_, facts, status, error) => {
    expect(await ack(facts)).toMatchObject({ status, error });
  });

  test("bodies that are no object, and too large ones", async () => {
    const post = async (body: string): Promise<Answer> => ask(node(), "/v1/deals/8/1/ack", { method: "POST", body, headers: { "nil-ticket": await signed() } });
    expect(await post("[")).toMatchObject({ status: 400, error: "bad_body" });
    expect(await post("3")).toMatchObject({ status: 400, error: "bad_body" });
    expect(await post(" ".repeat(5_000))).toMatchObject({ status: 413, error: "body_too_large" });
  });

  test("nothing is signed until every object is there and is what the root commits to", async () => {
    expect(await ack()).toMatchObject({ status: 409, error: "incomplete" });
    await send("manifest.bin", slab.manifest);
    await send("mdu_0.bin", slab.mdu0);
    await send("mdu_1.bin", slab.witness[0]!);
    const shard = shardArtifactName(2, 1);
    const good = slab.shard(0, 1);
    const bad = good.slice();
    bad[40]! ^= 1;
    await send(shard, bad);
    expect(await ack()).toMatchObject({ status: 422, error: "shard_mismatch" });
    // The false one is gone.
    expect(await ack()).toMatchObject({ status: 409, error: "incomplete" });
    await send(shard, good);
    expect(await ack({ size_bytes: "99" })).toMatchObject({ status: 422, error: "metadata_mismatch" });
    expect(await ack({ mdu0_hash: `0x${"0".repeat(64)}` })).toMatchObject({ status: 422, error: "metadata_mismatch" });
    const manifest = slab.manifest.slice();
    manifest[5]! ^= 1;
    await send("manifest.bin", manifest);
    expect(await ack()).toMatchObject({ status: 422, error: "metadata_mismatch" });
    await send("manifest.bin", slab.manifest);
    const answer = await ack();
    expect(answer.status).toBe(200);
    // Asked again, it signs the same again.
    expect((await ack()).body.equals(answer.body)).toBe(true);
  });

  test("another generation than the next is stale, before and after a commit", async () => {
    expect(await ack({}, 2n)).toMatchObject({ status: 409, error: "stale_generation" });
    network.chain.volumes.get(8n)!.generation = 5n;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await send("manifest.bin", slab.manifest)).toMatchObject({ status: 409, error: "stale_generation" });
  });
});

test("many requests at once are served or told to come back", async () => {
  const daemon = await network.addProvider({ limits: { maxInFlight: 1, metadataReadsPerMinute: 2 } });
  const target = daemon.status().url;
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(target, "/v1/deals/1/1/manifest.bin")));
  expect(answers.every(({ error }) => error === "busy" || error === "object_missing" || error === "rate_limited")).toBe(true);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  const later = [];
  for (let i = 0; i < 3; i++) later.push((await ask(target, "/v1/deals/1/1/manifest.bin")).error);
  expect(later).toContain("rate_limited");
});

/** A valid ticket with its JSON changed. */
async function edited(change: (json: Record<string, string>) => Record<string, string>): Promise<string> {
  const json = JSON.parse(Buffer.from(await ticket(), "base64").toString()) as Record<string, string>;
  return Buffer.from(JSON.stringify(change(json))).toString("base64");
}
