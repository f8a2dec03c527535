import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { BroadcastTxError, GasPrice, QueryClient, SigningStargateClient, StargateClient, coins, setupTxExtension } from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import type { Node } from "../node.js";
import { startRealNode } from "./real_node.js";

let node: Node;
let stop: () => Promise<void>;
let client: SigningStargateClient;
let sender: string;
let recipient: string;

beforeAll(async () => {
  const wallet = await DirectSecp256k1HdWallet.generate(24, { prefix: "nil" });
  const other = await DirectSecp256k1HdWallet.generate(24, { prefix: "nil" });
  sender = (await wallet.getAccounts())[0]!.address;
  recipient = (await other.getAccounts())[0]!.address;
  ({ node, stop } = await startRealNode([{ address: sender, amount: 10_000_000n }], { blockTimeMs: 100 }));
  client = await SigningStargateClient.connectWithSigner(node.endpoints.rpc, wallet, { gasPrice: GasPrice.fromString("0.001unil"), broadcastPollIntervalMs: 50 });
});
afterAll(async () => {
  client?.disconnect();
  await stop?.();
});

test("the plain client connects and reads balances, zero ones too", async () => {
  const plain = await StargateClient.connect(node.endpoints.rpc);
  expect(await plain.getChainId()).toBe("nild-test-1");
  expect(await plain.getBalance(sender, "unil")).toEqual({ denom: "unil", amount: "10000000" });
  expect(await plain.getBalance(recipient, "unil")).toEqual({ denom: "unil", amount: "0" });
  expect(await plain.getAccount(recipient)).toBeNull();
  expect((await plain.getAllBalances(sender)).map(({ denom }) => denom)).toEqual(["unil"]);
  plain.disconnect();
});

test("sendTokens with automatic gas moves the tokens and takes the fee", async () => {
  const result = await client.sendTokens(sender, recipient, coins(1234, "unil"), "auto", "memo");
  expect(result.code).toBe(0);
  expect(result.gasUsed).toBeGreaterThan(0n);
  expect(result.events.map(({ type }) => type)).toContain("transfer");
  expect((await client.getBalance(recipient, "unil")).amount).toBe("1234");
  const { sequence } = await client.getSequence(sender);
  expect(sequence).toBe(1);
});

test("a transaction that fails in its block is found with its code", async () => {
  const result = await client.sendTokens(sender, recipient, coins(99_000_000, "unil"), { amount: coins(200, "unil"), gas: "200000" });
  expect(result.code).toBe(5);
  const found = await client.getTx(result.transactionHash);
  expect(found).toMatchObject({ code: 5, hash: result.transactionHash, height: result.height });
});

test("a transaction below the minimum price is refused at broadcast with its code", async () => {
  const { accountNumber, sequence } = await client.getSequence(sender);
  const refused = client.broadcastTxSync(await signed(accountNumber, sequence, "0"));
  await expect(refused).rejects.toBeInstanceOf(BroadcastTxError);
  await expect(refused).rejects.toMatchObject({ code: 13, codespace: "sdk" });
});

test("three sequences in a row, broadcast at once, land in one block", async () => {
  const { accountNumber, sequence } = await client.getSequence(sender);
  const txs = await Promise.all([0, 1, 2].map((offset) => signed(accountNumber, sequence + offset, "200")));
  // One batch request: no block can come between them.
  const request = txs.map((tx, id) => ({ jsonrpc: "2.0", id, method: "broadcast_tx_sync", params: { tx: Buffer.from(tx).toString("base64") } }));
  const response = await fetch(node.endpoints.rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
  const hashes = ((await response.json()) as { result: { hash: string; code: number } }[]).map(({ result }) => result.hash);
  await eventually(async () => (await client.getTx(hashes[2]!)) !== null);
  const found = await Promise.all(hashes.map(async (hash) => (await client.getTx(hash))!));
  expect(found.map(({ code, txIndex }) => [code, txIndex])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
  ]);
  expect(new Set(found.map(({ height }) => height)).size).toBe(1);
});

async function signed(accountNumber: number, sequence: number, fee: string): Promise<Uint8Array> {
  const message = { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: { fromAddress: sender, toAddress: recipient, amount: coins(1, "unil") } };
  const tx = await client.sign(sender, [message], { amount: coins(fee, "unil"), gas: "200000" }, "", { accountNumber, sequence, chainId: "nild-test-1" });
  return TxRaw.encode(tx).finish();
}

test("Comet38Client parses status, blocks, results and searches", async () => {
  const comet = await Comet38Client.connect(node.endpoints.rpc);
  const first = await comet.block(1);
  expect(first.block.lastCommit).toBeNull();
  expect(first.block.header.version.block).toBe(11);
  const info = await comet.abciInfo();
  expect(info.lastBlockHeight).toBeGreaterThan(1);
  const found = await comet.txSearchAll({ query: `message.sender='${sender}'` });
  expect(found.totalCount).toBeGreaterThanOrEqual(4);
  const results = await comet.blockResults(found.txs[0]!.height);
  expect(results.results).toHaveLength(1);
  const next = await comet.block(found.txs[0]!.height + 1);
  expect(next.block.lastCommit!.signatures).toHaveLength(1);
  comet.disconnect();
});

test("the tx extension reads a transaction by abci_query; one that is not there is refused with its code", async () => {
  const comet = await Comet38Client.connect(node.endpoints.rpc);
  const { tx } = QueryClient.withExtensions(comet, setupTxExtension);
  const [first] = (await comet.txSearchAll({ query: `message.sender='${sender}'` })).txs;
  const hash = Buffer.from(first!.hash).toString("hex").toUpperCase();
  expect((await tx.getTx(hash)).txResponse).toMatchObject({ txhash: hash, code: 0, height: BigInt(first!.height) });
  await expect(tx.getTx("00".repeat(32))).rejects.toThrow(/with \(22\)/);
  comet.disconnect();
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 30));
}
