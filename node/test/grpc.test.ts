import { connect as connectTcp } from "node:net";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { DirectSecp256k1HdWallet, encodePubkey, makeAuthInfoBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { encodeSecp256k1Pubkey } from "@cosmjs/amino";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { Service as TendermintService } from "nild/gen/cosmos/base/tendermint/v1beta1/query_pb.js";
import { BroadcastMode, Service as TxService } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import type { Node } from "../node.js";
import { startRealNode } from "./real_node.js";

let node: Node;
let stop: () => Promise<void>;
let wallet: DirectSecp256k1HdWallet;
let address: string;

beforeAll(async () => {
  wallet = await DirectSecp256k1HdWallet.generate(24, { prefix: "nil" });
  address = (await wallet.getAccounts())[0]!.address;
  ({ node, stop } = await startRealNode([{ address, amount: 1_000_000n }], { access: { corsOrigins: ["http://page.example"], hostNames: [] } }));
});
afterAll(() => stop?.());

const TRANSPORTS = {
  gRPC: () => createGrpcTransport({ baseUrl: node.endpoints.grpc! }),
  "gRPC-web on HTTP/1.1": () => createGrpcWebTransport({ baseUrl: node.endpoints.grpc!, httpVersion: "1.1" }),
  "Connect on HTTP/1.1": () => createConnectTransport({ baseUrl: node.endpoints.grpc!, httpVersion: "1.1" }),
  "Connect on HTTP/2, JSON": () => createConnectTransport({ baseUrl: node.endpoints.grpc!, httpVersion: "2", useBinaryFormat: false }),
};
const PROTOCOLS = Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[];

async function signedSend(sequence: number, amount: string): Promise<Uint8Array> {
  const [account] = await wallet.getAccounts();
  const body = toBinary(
    TxBodySchema,
    create(TxBodySchema, { messages: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: toBinary(MsgSendSchema, create(MsgSendSchema, { fromAddress: address, toAddress: address, amount: [{ denom: "unil", amount }] })) }] }),
  );
  const { account: stored } = await createClient(AuthQuery, TRANSPORTS.gRPC()).accountInfo({ address }).then(({ info }) => ({ account: info! }));
  const auth = makeAuthInfoBytes([{ pubkey: encodePubkey(encodeSecp256k1Pubkey(account!.pubkey)), sequence }], [{ denom: "unil", amount: "200" }], 200_000, undefined, undefined);
  const { signature } = await wallet.signDirect(address, makeSignDoc(body, auth, "nild-test-1", Number(stored.accountNumber)));
  return toBinary(TxRawSchema, create(TxRawSchema, { bodyBytes: body, authInfoBytes: auth, signatures: [Buffer.from(signature.signature, "base64")] }));
}

async function codeOf(work: Promise<unknown>): Promise<Code> {
  return work.then(
    () => Promise.reject(new Error("did not fail")),
    (error: unknown) => ConnectError.from(error).code,
  );
}

test.each(PROTOCOLS)("%s: a module's query, with the height it was answered at", async (protocol) => {
  let height: string | null = null;
  const client = createClient(BankQuery, TRANSPORTS[protocol]());
  const { balance } = await client.balance({ address, denom: "unil" }, { onHeader: (headers) => void (height = headers.get("x-cosmos-block-height")) });
  expect([balance!.amount, height]).toEqual(["1000000", "1"]);
});

test.each(PROTOCOLS)("%s: a refused query is a status with codespace and code beside it", async (protocol) => {
  const error = await createClient(BankQuery, TRANSPORTS[protocol]())
    .balance({ address: "nil1bad", denom: "unil" })
    .catch((reason: unknown) => ConnectError.from(reason));
  expect(error).toMatchObject({ code: Code.InvalidArgument });
  expect((error as ConnectError).metadata.get("x-nild-codespace")).toBe("sdk");
});

test("broadcast, then the transaction by hash and by event", async () => {
  const tx = createClient(TxService, TRANSPORTS.gRPC());
  const txBytes = await signedSend(0, "5");
  const simulated = await tx.simulate({ txBytes });
  expect(simulated.gasInfo!.gasUsed).toBeGreaterThan(0n);
  const { txResponse } = await tx.broadcastTx({ txBytes, mode: BroadcastMode.SYNC });
  expect(txResponse).toMatchObject({ code: 0, height: 0n });
  expect(await codeOf(tx.getTx({ hash: txResponse!.txhash }))).toBe(Code.NotFound);
  await node.engine.produceBlock();
  const found = await tx.getTx({ hash: txResponse!.txhash.toLowerCase() });
  expect(found.txResponse).toMatchObject({ code: 0, height: node.engine.height, txhash: txResponse!.txhash, gasWanted: 200_000n });
  expect(found.tx!.signatures).toHaveLength(1);
  const listed = await tx.getTxsEvent({ query: `message.sender='${address}'` });
  expect([listed.total, listed.txResponses[0]!.txhash]).toEqual([1n, txResponse!.txhash]);
});

test("the mempool's refusals are codes here", async () => {
  const tx = createClient(TxService, TRANSPORTS.gRPC());
  const txBytes = await signedSend(1, "6");
  expect((await tx.broadcastTx({ txBytes, mode: BroadcastMode.SYNC })).txResponse!.code).toBe(0);
  expect((await tx.broadcastTx({ txBytes, mode: BroadcastMode.SYNC })).txResponse).toMatchObject({ code: 19, codespace: "sdk" });
  expect((await tx.broadcastTx({ txBytes: new Uint8Array(1_048_577), mode: BroadcastMode.SYNC })).txResponse).toMatchObject({ code: 21, codespace: "sdk" });
});

test("node and blocks", async () => {
  const client = createClient(TendermintService, TRANSPORTS["Connect on HTTP/1.1"]());
  expect((await client.getNodeInfo({})).defaultNodeInfo).toMatchObject({ network: "nild-test-1", moniker: "test" });
  expect((await client.getSyncing({})).syncing).toBe(false);
  const { block, blockId, sdkBlock } = await client.getBlockByHeight({ height: 1n });
  expect(block!.header!.height).toBe(1n);
  expect(sdkBlock!.header!.proposerAddress).toMatch(/^nilvalcons1/);
  expect(blockId).toEqual(node.engine.block(1n)!.id);
  expect((await client.getLatestBlock({})).block!.header!.height).toBe(node.engine.height);
  const set = await client.getLatestValidatorSet({});
  expect(set.validators.map(({ votingPower, pubKey }) => [votingPower, pubKey!.typeUrl])).toEqual([[10n, "/cosmos.crypto.ed25519.PubKey"]]);
  const answer = await client.aBCIQuery({ path: "/store/bank/key", data: Buffer.from("00", "hex"), prove: false });
  expect(answer.height).toBe(node.engine.height);
});

describe("bad input (reliability I)", () => {
  const pinned = (height: string): Promise<Code> => codeOf(createClient(BankQuery, TRANSPORTS.gRPC()).balance({ address, denom: "unil" }, { headers: { "x-cosmos-block-height": height } }));

  test("I9 a height that is no number, or still to come", async () => {
    expect(await pinned("abc")).toBe(Code.InvalidArgument);
    expect(await pinned("-1")).toBe(Code.InvalidArgument);
    expect([Code.OutOfRange, Code.InvalidArgument]).toContain(await pinned("999999"));
  });

  test("a pinned height answers from that state", async () => {
    const { balance } = await createClient(BankQuery, TRANSPORTS.gRPC()).balance({ address, denom: "unil" }, { headers: { "x-cosmos-block-height": "1" } });
    expect(balance!.amount).toBe("1000000");
  });

  test("I1 a message over the limit", async () => {
    expect(await codeOf(createClient(TxService, TRANSPORTS.gRPC()).broadcastTx({ txBytes: new Uint8Array(5_000_000), mode: BroadcastMode.SYNC }))).toBe(Code.ResourceExhausted);
  });

  const connectPost = async (headers: Record<string, string>, body: Uint8Array): Promise<[number, string]> => {
    const response = await fetch(`${node.endpoints.grpc!}/cosmos.bank.v1beta1.Query/Balance`, { method: "POST", headers, body: body as BodyInit });
    return [response.status, ((await response.json()) as { code: string }).code];
  };

  test("I2 a compressed message that unpacks over the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const [status, code] = await connectPost({ "content-type": "application/proto", "content-encoding": "gzip" }, bomb);
    // jest runs the library in another realm, where it does not know zlib's error by its class and says "internal".
    expect([status, code]).toEqual(status === 500 ? [500, "internal"] : [429, "resource_exhausted"]);
  });

  test("I3 an encoding nobody knows", async () => {
    expect(await connectPost({ "content-type": "application/proto", "content-encoding": "lz77" }, new Uint8Array(1))).toEqual([501, "unimplemented"]);
  });

  test("I4 a frame cut short", async () => {
    const response = await fetch(`${node.endpoints.grpc!}/cosmos.bank.v1beta1.Query/Balance`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: Buffer.from("000000000aff", "hex"),
    });
    // 3 = invalid_argument; gRPC-web carries it in the trailer frame or, with no message, in the headers.
    expect(response.headers.get("grpc-status") ?? /grpc-status: *(\d+)/i.exec(await response.text())?.[1]).toBe("3");
  });

  test.each(["-1", "x", "99999999999999999999"])("I6 a timeout of %s", async (timeout) => {
    const [status] = await connectPost({ "content-type": "application/json", "connect-timeout-ms": timeout }, Buffer.from("{}"));
    expect(status).toBe(400);
  });

  test("I5 a method that no service has", async () => {
    const response = await fetch(`${node.endpoints.grpc!}/cosmos.bank.v1beta1.Query/Nothing`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    expect(response.status).toBe(404);
  });

  test("I10 an unknown JSON field is refused though all others are right", async () => {
    const ask = (body: object): Promise<Response> =>
      fetch(`${node.endpoints.grpc!}/cosmos.bank.v1beta1.Query/Balance`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    expect((await ask({ address, denom: "unil" })).status).toBe(200);
    const response = await ask({ address, denom: "unil", colour: 1 });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "invalid_argument"]);
  });

  test.each([
    ["I10 JSON of the wrong shape", "[]"],
    ["not JSON", "{"],
  ])("%s", async (_name, body) => {
    const response = await fetch(`${node.endpoints.grpc!}/cosmos.bank.v1beta1.Query/Balance`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "invalid_argument"]);
  });

  test.each([
    ["no mode", { txBytes: new Uint8Array(1), mode: BroadcastMode.UNSPECIFIED }],
    ["the mode that waits for a block", { txBytes: new Uint8Array(1), mode: BroadcastMode.BLOCK }],
  ])("broadcast with %s", async (_name, request) => {
    expect(await codeOf(createClient(TxService, TRANSPORTS.gRPC()).broadcastTx(request))).toBe(Code.InvalidArgument);
  });

  test.each(["", "zz", "AB"])("a transaction hash of %j", async (hash) => {
    expect(await codeOf(createClient(TxService, TRANSPORTS.gRPC()).getTx({ hash }))).toBe(Code.InvalidArgument);
  });

  test("a block that is not there", async () => {
    const client = createClient(TendermintService, TRANSPORTS.gRPC());
    for (const height of [0n, -1n, 999n]) expect(await codeOf(client.getBlockByHeight({ height }))).toBe(Code.OutOfRange);
  });

  test("I13 a page not listed gets no CORS grant, and a rebound name no answer", async () => {
    const preflight = async (origin: string): Promise<string | null> => (await fetch(`${node.endpoints.grpc!}/x`, { method: "OPTIONS", headers: { origin } })).headers.get("access-control-allow-origin");
    expect([await preflight("http://page.example"), await preflight("http://evil.example")]).toEqual(["http://page.example", null]);
    expect(await firstLine("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n")).toContain(" 403 ");
  });

  test("the first bytes may come one by one", async () => {
    expect(await firstLine("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 3)).toContain("HTTP/1.1 404");
  });
});

/** Sends the first `slow` bytes apart. */
function firstLine(text: string, slow = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(new URL(node.endpoints.grpc!).port), "127.0.0.1", async () => {
      for (let at = 0; at < slow; at++) {
        socket.write(text[at]!);
        await new Promise((done) => setTimeout(done, 5));
      }
      socket.write(text.slice(slow));
    });
    socket.setNoDelay(true);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").split("\r\n")[0]!);
    });
    socket.on("error", reject);
  });
}
