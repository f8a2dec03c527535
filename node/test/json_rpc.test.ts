import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { Node } from "../node.js";
import { BlockSigner } from "../engine/embedded/signer.js";
import { sha256 } from "../engine/embedded/merkle.js";
import { DEFAULT_MEMPOOL_LIMITS } from "../mempool/limits.js";
import { ChainFixture, SILENT } from "./chain_fixture.js";

const chain = new ChainFixture();
let node: Node;

beforeAll(async () => {
  await BlockSigner.init(chain.signStatePath);
  node = await Node.start({
    app: chain.app,
    genesis: chain.genesis,
    blockDb: chain.db,
    signer: await BlockSigner.open(chain.key, chain.signStatePath),
    log: SILENT,
    nodeId: "aa".repeat(20),
    moniker: "test",
    appVersion: "1",
    checkers: {},
    queryServices: [],
    rpc: { host: "127.0.0.1", port: 0 },
    access: { corsOrigins: ["http://page.example"], hostNames: ["node.example"] },
    mempool: { ...DEFAULT_MEMPOOL_LIMITS, maxTxs: 3, maxTxBytes: 100 },
    clock: chain.clock,
  });
  await Promise.all([node.engine.submit(Buffer.from("a=1")), node.engine.submit(Buffer.from("b=bad"))]);
  await node.engine.produceBlock();
});
afterAll(async () => {
  await node.stop();
  chain.remove();
});

interface Reply {
  readonly id: unknown;
  readonly result?: Record<string, never>;
  readonly error?: { readonly code: number; readonly data: string };
}

async function post(body: unknown, headers: Record<string, string> = { "content-type": "application/json" }): Promise<{ status: number; json: never }> {
  const response = await fetch(node.endpoints.rpc, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, json: (text === "" ? undefined : JSON.parse(text)) as never };
}

async function call(method: string, params?: unknown): Promise<Reply> {
  return (await post({ jsonrpc: "2.0", id: 1, method, ...(params === undefined ? {} : { params }) })).json;
}

describe("answers", () => {
  test("status has what CosmJS insists on", async () => {
    const { result } = await call("status");
    expect(result).toMatchObject({
      node_info: { network: "nild-test-1", version: expect.stringMatching(/^0\.38\./), moniker: "test", id: "aa".repeat(20) },
      sync_info: { latest_block_height: "2", earliest_block_height: "1", catching_up: false, latest_app_hash: expect.stringMatching(/^[0-9A-F]{64}$/), latest_block_hash: expect.stringMatching(/^[0-9A-F]{64}$/) },
      validator_info: { voting_power: "10", pub_key: { type: "tendermint/PubKeyEd25519" } },
    });
  });

  test("abci_info names the last committed state", async () => {
    const { result } = await call("abci_info");
    expect(result).toEqual({ response: { data: "fake", version: "1", last_block_height: "2", last_block_app_hash: Buffer.from(chain.disk.appHash).toString("base64") } });
  });

  test("abci_query takes named and positional parameters", async () => {
    const named = await call("abci_query", { path: "/key", data: "61", height: "0", prove: false, unknown: 1 });
    const positional = await call("abci_query", ["/key", "61", "0", false]);
    expect(named.result).toMatchObject({ response: { code: 0, value: "MQ==", height: "2", index: "0", proofOps: null } });
    expect(positional).toEqual(named);
  });

  test("block 1 has an empty last commit, block 2 block 1's", async () => {
    const first = await call("block", { height: "1" });
    const second = await call("block");
    expect(first.result).toMatchObject({ block: { last_commit: { height: "0", signatures: [], block_id: { hash: "", parts: { total: 0, hash: "" } } } } });
    expect(second.result).toMatchObject({ block: { data: { txs: ["YT0x", "Yj1iYWQ="] }, last_commit: { height: "1", block_id: (first.result as unknown as { block_id: object }).block_id, signatures: [{ block_id_flag: 2 }] } } });
  });

  test("block_results keeps the order and shows failures", async () => {
    const { result } = await call("block_results", { height: 2 });
    expect(result).toMatchObject({ height: "2", txs_results: [{ code: 0, gas_used: "50" }, { code: 5, codespace: "fake" }], finalize_block_events: [{ type: "tick" }], validator_updates: null });
    expect((await call("block_results", { height: "1" })).result).toMatchObject({ txs_results: null });
  });

  test("tx and tx_search find by hash, height and attribute, failed transactions too", async () => {
    const hash = Buffer.from(sha256(Buffer.from("b=bad")));
    const byHash = await call("tx", { hash: hash.toString("base64"), prove: true });
    expect(byHash.result).toMatchObject({ height: "2", index: 1, tx_result: { code: 5 }, proof: { proof: { total: "2", index: "1" } } });
    for (const query of [`tx.hash='${hash.toString("hex").toUpperCase()}'`, "message.sender='b'", "tx.height=2 AND set.key='b' AND set.size=3", "set.key CONTAINS 'b' AND tx.height>1"]) {
      expect((await call("tx_search", { query, page: "1" })).result).toMatchObject({ total_count: "1", txs: [{ index: 1 }] });
    }
    expect((await call("tx_search", { query: "tx.height=2", order_by: "desc", per_page: "1" })).result).toMatchObject({ total_count: "2", txs: [{ index: 1 }] });
    expect((await call("tx_search", { query: "set.key='a' AND set.size=3" })).result).toEqual({ txs: [], total_count: "0" });
  });

  test("broadcast_tx_sync leaves data empty and gives CheckTx's code", async () => {
    const { result } = await call("broadcast_tx_sync", { tx: Buffer.from("no equals").toString("base64") });
    expect(result).toEqual({ code: 2, codespace: "sdk", data: "", log: "cannot decode", hash: Buffer.from(sha256(Buffer.from("no equals"))).toString("hex").toUpperCase() });
  });

  test("GET takes quoted strings, 0x-hex and numbers", async () => {
    const get = async (path: string): Promise<{ status: number; json: Reply }> => {
      const response = await fetch(`${node.endpoints.rpc}/${path}`);
      return { status: response.status, json: (await response.json()) as Reply };
    };
    expect((await get("status")).json.id).toBe(-1);
    expect((await get('abci_query?path="/key"&data=0x61')).json.result).toMatchObject({ response: { value: "MQ==" } });
    expect((await get("block?height=1")).status).toBe(200);
    expect(await get("block?height=99")).toMatchObject({ status: 500, json: { error: { code: -32603 } } });
    expect(await get("block?height=x")).toMatchObject({ status: 500, json: { error: { code: -32602 } } });
    expect(await get("nothing")).toMatchObject({ status: 404, json: { error: { code: -32601 } } });
  });

  test("a batch is answered in order, without its notifications; a batch of one is unwrapped", async () => {
    const one = { jsonrpc: "2.0", method: "health" };
    expect((await post([{ ...one, id: 1 }, one, { ...one, id: "b" }])).json).toEqual([
      { jsonrpc: "2.0", id: 1, result: {} },
      { jsonrpc: "2.0", id: "b", result: {} },
    ]);
    expect((await post([{ ...one, id: 7 }])).json).toEqual({ jsonrpc: "2.0", id: 7, result: {} });
    expect((await post(one)).json).toBeUndefined();
  });
});

test("a port that is taken is named, and nothing is left running", async () => {
  const other = new ChainFixture();
  await BlockSigner.init(other.signStatePath);
  const started = Node.start({
    app: other.app,
    genesis: other.genesis,
    blockDb: other.db,
    signer: await BlockSigner.open(other.key, other.signStatePath),
    log: SILENT,
    nodeId: "",
    moniker: "other",
    appVersion: "1",
    checkers: {},
    queryServices: [],
    rpc: { host: "127.0.0.1", port: Number(new URL(node.endpoints.rpc).port) },
    blockTimeMs: 10,
  });
  await expect(started).rejects.toMatchObject({ code: "server.port_taken" });
  const height = other.disk.height;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(other.disk.height).toBe(height);
  other.remove();
});

describe("bad input (reliability J)", () => {
  test.each([
    ["J1 not JSON", "{", -32700],
    ["J2 empty batch", "[]", -32600],
    ["J2 batch of 101", JSON.stringify(Array.from({ length: 101 }, (_, id) => ({ jsonrpc: "2.0", id, method: "health" }))), -32600],
    ["J3 unknown method", '{"jsonrpc":"2.0","id":1,"method":"nothing"}', -32601],
    ["J3 __proto__", '{"jsonrpc":"2.0","id":1,"method":"__proto__"}', -32601],
    ["J5 id an object", '{"jsonrpc":"2.0","id":{},"method":"health"}', -32600],
    ["J5 id fractional", '{"jsonrpc":"2.0","id":1.5,"method":"health"}', -32600],
    ["J5 id 2^63", '{"jsonrpc":"2.0","id":9223372036854775808,"method":"health"}', -32600],
    ["J7 deep nesting", "[".repeat(100_000), -32700],
    ["no version", '{"id":1,"method":"health"}', -32600],
    ["a number", "1", -32600],
    ["J20 unsafe route", '{"jsonrpc":"2.0","id":1,"method":"unsafe_flush_mempool"}', -32601],
  ])("%s", async (_name, body, code) => {
    const { status, json } = await post(body);
    expect(status).toBe(200);
    expect((json as Reply).error?.code).toBe(code);
  });

  test.each([
    ["J4 wrong type", "abci_query", { path: 1 }, -32602],
    ["J4 positional of wrong length", "abci_query", ["/key"], -32602],
    ["J4 params a string", "block", "1", -32602],
    ["J8 height 0", "block", { height: "0" }, -32603],
    ["J8 height -1", "block", { height: -1 }, -32603],
    ["J8 height 9e99", "block", { height: 9e99 }, -32602],
    ["J8 height 2^63", "block", { height: "9223372036854775808" }, -32602],
    ["J8 future height", "block_results", { height: "3" }, -32603],
    ["J9 sloppy base64", "broadcast_tx_sync", { tx: "YT0x\n" }, -32602],
    ["J9 base64 with stray bits", "broadcast_tx_sync", { tx: "YT0=" + "=" }, -32602],
    ["J9 odd hex", "abci_query", { path: "/key", data: "6" }, -32602],
    ["J9 0x hex in JSON", "abci_query", { path: "/key", data: "0x61" }, -32602],
    ["tx missing", "broadcast_tx_sync", {}, -32602],
    ["hash too short", "tx", { hash: "YQ==" }, -32602],
    ["tx unknown", "tx", { hash: Buffer.alloc(32).toString("base64") }, -32603],
    ["J11 page past the end", "tx_search", { query: "tx.height=2", page: "2" }, -32603],
    ["J11 page 1e9", "tx_search", { query: "tx.height=2", page: "1000000000" }, -32603],
    ["page 0", "tx_search", { query: "tx.height=2", page: "0" }, -32603],
    ["bad order", "tx_search", { query: "tx.height=2", order_by: "up" }, -32602],
    ["J12 open quote", "tx_search", { query: "message.sender='a" }, -32602],
    ["J12 10k terms", "tx_search", { query: Array(10_000).fill("a.b=1").join(" AND ") }, -32602],
    ["query of OR", "tx_search", { query: "a.b=1 OR a.c=2" }, -32602],
    ["query without an equality", "tx_search", { query: "set.key EXISTS" }, -32602],
    ["query on a short hash", "tx_search", { query: "tx.hash='AB'" }, -32602],
    ["empty query", "tx_search", { query: "" }, -32602],
  ])("%s", async (_name, method, params, code) => {
    expect((await call(method, params)).error?.code).toBe(code);
  });

  test("J1 bytes that are no UTF-8", async () => {
    const body = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"hea\xfflth"}', "latin1");
    const response = await fetch(node.endpoints.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(((await response.json()) as Reply).error?.code).toBe(-32700);
  });

  test("J11 per_page over 100 is capped, not refused", async () => {
    expect((await call("tx_search", { query: "tx.height=2", per_page: "101" })).result).toMatchObject({ total_count: "2" });
  });

  test("J16 odd path, and a height to come, are the application's refusals", async () => {
    expect((await call("abci_query", { path: "/../x" })).result).toMatchObject({ response: { code: 6, codespace: "sdk" } });
    expect((await call("abci_query", { path: "/key", height: "99", prove: true })).result).toMatchObject({ response: { code: 26 } });
    expect((await call("abci_query", { path: "/cosmos.tx.v1beta1.Service/BroadcastTx" })).result).toMatchObject({ response: { code: 18 } });
    expect((await call("abci_query", { path: "/cosmos.tx.v1beta1.Service/GetTx", data: "ff" })).result).toMatchObject({ response: { code: 18 } });
  });

  test("mempool refusals keep CometBFT's words", async () => {
    const send = (text: string): Promise<Reply> => call("broadcast_tx_sync", { tx: Buffer.from(text).toString("base64") });
    expect((await send(`k=${"x".repeat(99)}`)).error).toMatchObject({ code: -32603, data: "Tx too large. Max size is 100, but got 101" });
    expect((await send("a=1")).error).toMatchObject({ code: -32603, data: "tx already exists in cache" });
    for (const text of ["c=1", "d=1", "e=1"]) expect((await send(text)).error).toBeUndefined();
    expect((await send("f=1")).error).toMatchObject({ code: -32603, data: expect.stringMatching(/^mempool is full: number of txs 3 \(max: 3\)/) });
  });

  test.each([
    ["J19 text/plain", { "content-type": "text/plain" }, 415],
    ["form", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("%s is refused", async (_name, headers, status) => {
    expect((await post({ jsonrpc: "2.0", id: 1, method: "health" }, headers)).status).toBe(status);
  });

  test("J6 a body over the limit: 413, said in Content-Length or not", async () => {
    expect(await rawStatus({ "content-type": "application/json", "content-length": "3000000" }, ["x"])).toBe(413);
    expect(await rawStatus({ "content-type": "application/json", "transfer-encoding": "chunked" }, Array(40).fill("x".repeat(65_536)))).toBe(413);
  });

  test("J18 only known Hosts are answered: a rebound name is not", async () => {
    const type = { "content-type": "application/json" };
    const body = ['{"jsonrpc":"2.0","id":1,"method":"health"}'];
    for (const host of ["evil.com", "localhost.evil.com", "127.0.0.1.evil.com:80"]) expect(await rawStatus({ ...type, host }, body)).toBe(403);
    for (const host of ["localhost:26657", "127.0.0.1", "[::1]:1", "node.example"]) expect(await rawStatus({ ...type, host }, body)).toBe(200);
  });

  test("CORS is granted to listed pages only", async () => {
    const origin = async (from: string): Promise<string | null> => (await fetch(`${node.endpoints.rpc}/health`, { headers: { origin: from } })).headers.get("access-control-allow-origin");
    expect([await origin("http://page.example"), await origin("http://evil.example")]).toEqual(["http://page.example", null]);
  });

  test("J17 both framings, and a header of 17 KB", async () => {
    expect(await rawLine("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")).toContain(" 400 ");
    expect(await rawLine(`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(17_000)}\r\n\r\n`)).toContain(" 431 ");
  });

  test("other methods and paths", async () => {
    expect((await fetch(node.endpoints.rpc, { method: "PUT" })).status).toBe(405);
    expect((await fetch(`${node.endpoints.rpc}/status`, { method: "POST" })).status).toBe(404);
  });
});

function rawStatus(headers: Record<string, string>, chunks: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(node.endpoints.rpc, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    // The answer may come before the whole body is sent; what happens to the rest does not matter.
    request.on("error", (error: NodeJS.ErrnoException) => (error.code === "EPIPE" || error.code === "ECONNRESET" ? undefined : reject(error)));
    for (const chunk of chunks) request.write(chunk);
    if (headers["content-length"] === undefined) request.end();
  });
}

function rawLine(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(node.endpoints.rpc).port), "127.0.0.1", () => socket.write(text));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").split("\r\n")[0]!);
    });
    socket.on("error", reject);
  });
}
