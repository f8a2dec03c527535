import { create } from "@bufbuild/protobuf";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import type { AuthInfo } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import { type Fixture, packMessage, signTx, testAccount } from "nild/testing";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { chain, dump, newChain, bankSection, refusal, refusedWith, sendTx, unil } from "./chain.js";

/* Group F of the bad-input catalogue, and what gas does. */

let nild: Fixture;
beforeEach(async () => {
  nild = await chain({ alice: 1_000_000n, carol: 50_000n });
});

const balance = (address: string): bigint => BigInt(nild.query(BankQuery.method.balance, { address, denom: "unil" }).balance!.amount);
const feeCoins = (amount: { denom: string; amount: string }[]) => ({
  editAuthInfo({ fee }: AuthInfo): void {
    fee!.amount = amount.map((coin) => create(CoinSchema, coin));
  },
});

describe("refused before anything is charged", () => {
  test.each([
    ["F1 gas 0", { gas: 0n }, "sdk/41"],
    ["F2 gas over the block's", { gas: 1_000_000_001n }, "sdk/41"],
    ["F2 gas 2^64-1", { gas: (1n << 64n) - 1n }, "sdk/41"],
    ["F3 negative fee", feeCoins([{ denom: "unil", amount: "-1" }]), "sdk/13"],
    ["F3 zero coin", feeCoins([{ denom: "unil", amount: "0" }]), "sdk/13"],
    ["F3 unsorted", feeCoins([{ denom: "unil", amount: "5000" }, { denom: "atom", amount: "1" }]), "sdk/13"],
    ["F3 duplicate", feeCoins([{ denom: "unil", amount: "500" }, { denom: "unil", amount: "500" }]), "sdk/13"],
    ["F3 another denomination", feeCoins([{ denom: "uatom", amount: "5000" }]), "sdk/13"],
    ["F5 fee over the balance", { fee: 1_000_001n }, "sdk/5"],
    ["F7 a granter without a grant", { editAuthInfo: ({ fee }: AuthInfo): void => void (fee!.granter = testAccount("carol").address) }, "sdk/18"],
    ["F11 memo of 257 characters", { memo: "ä".repeat(257) }, "sdk/12"],
    ["F12 timeout height passed", { editBody: (body: { timeoutHeight: bigint }) => void (body.timeoutHeight = 1n) }, "sdk/30"],
    ["unordered", { editBody: (body: { unordered: boolean }) => void (body.unordered = true) }, "sdk/37"],
  ] as const)("%s", (_name, options, code) => {
    expect(refusal(nild, sendTx(nild, options))).toEqual(refusedWith(code));
  });

  test("a memo of 256 characters and the timeout height itself pass", () => {
    const tx = sendTx(nild, { memo: "ä".repeat(256), editBody: (body) => void (body.timeoutHeight = 2n) });
    expect(nild.execute([tx]).txResults[0]!.code).toBe(0);
  });

  test("a timeout timestamp: the block's own time passes, one nanosecond earlier does not", () => {
    const at = nild.timeNs + 1_000_000_000n;
    const until = (ns: bigint) => ({ editBody: (body: { timeoutTimestamp?: unknown }) => void (body.timeoutTimestamp = { $typeName: "google.protobuf.Timestamp", seconds: ns / 1_000_000_000n, nanos: Number(ns % 1_000_000_000n) }) });
    expect(nild.execute([sendTx(nild, until(at))]).txResults[0]!.code).toBe(0);
    expect(nild.execute([sendTx(nild, until(at - 1n))]).txResults[0]!.code).toBe(42);
  });

  test("F6 a payer who did not sign", () => {
    const tx = sendTx(nild, { editAuthInfo: ({ fee }) => void (fee!.payer = testAccount("carol").address) });
    expect(refusal(nild, tx)).toEqual(refusedWith("sdk/4"));
  });

  test("a payer without an account", () => {
    const payer = testAccount("nobody");
    const message = packMessage(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: payer.address, amount: unil(1n) });
    const signers = [testAccount("alice"), payer].map((account) => ({ account, accountNumber: 0n, sequence: 0n }));
    const tx = signTx([message], signers, { chainId: nild.chainId, editAuthInfo: ({ fee }) => void (fee!.payer = payer.address) });
    expect(refusal(nild, tx)).toEqual(refusedWith("sdk/9"));
  });

  test("out of gas before the messages", () => {
    expect(refusal(nild, sendTx(nild, { gas: 2_000n }))).toEqual(refusedWith("sdk/11"));
  });
});

describe("the minimum price", () => {
  test("F4 binds on entry to the mempool, not in a block", () => {
    const tx = sendTx(nild, { fee: 999n });
    expect(nild.app.checkTx(tx, "new")).toMatchObject({ codespace: "sdk", code: 13, log: "insufficient fees; got: 999unil required: 1000unil" });
    expect(nild.execute([tx]).txResults[0]!.code).toBe(0);
  });

  test("rounds up: 1 gas over costs 1 unil more", () => {
    expect(nild.app.checkTx(sendTx(nild, { gas: 1_000_001n, fee: 1_000n }), "new").code).toBe(13);
    expect(nild.app.checkTx(sendTx(nild, { gas: 1_000_001n, fee: 1_001n }), "new").code).toBe(0);
  });

  test("F8 a price whose fee passes 256 bits is an insufficient fee", async () => {
    nild = await newChain({ minGasPrice: "9".repeat(58) }).genesis({ bank: bankSection({ alice: 1_000_000n }) });
    expect(nild.app.checkTx(sendTx(nild), "new")).toMatchObject({ codespace: "sdk", code: 13 });
  });
});

describe("who pays", () => {
  test("the payer that signed pays, the sender does not", async () => {
    const alice = testAccount("alice");
    const carol = testAccount("carol");
    const message = packMessage(MsgSendSchema, { fromAddress: alice.address, toAddress: testAccount("bob").address, amount: unil(10n) });
    const number = (name: string) => nild.query(AuthQuery.method.accountInfo, { address: testAccount(name).address }).info!.accountNumber;
    const signers = [alice, carol].map((account) => ({ account, accountNumber: number(account.name), sequence: 0n }));
    const { txResults } = await nild.block([signTx([message], signers, { chainId: nild.chainId, editAuthInfo: ({ fee }) => void (fee!.payer = carol.address) })]);
    expect(txResults[0]!.code).toBe(0);
    expect([balance(alice.address), balance(carol.address)]).toEqual([999_990n, 49_000n]);
    expect(balance(addressToString(moduleAddress("fee_collector")))).toBe(1_000n);
  });
});

describe("a message that fails", () => {
  const changed = async (tx: Uint8Array): Promise<{ stores: string[]; code: string; eventTypes: string[] }> => {
    const stores = ["auth", "bank"];
    const before = dump(nild, stores);
    const { txResults } = await nild.block([tx]);
    const after = dump(nild, stores);
    const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
    return {
      stores: keys.map((key) => key.slice(0, key.indexOf("/") + 3)).sort(),
      code: `${txResults[0]!.codespace}/${txResults[0]!.code}`,
      eventTypes: txResults[0]!.events.map(({ type }) => type),
    };
  };
  /** Alice's account; her and the fee collector's balance; the ante's events. */
  const onlyTheFee = {
    stores: ["auth/01", "bank/02", "bank/02"],
    eventTypes: ["coin_spent", "coin_received", "transfer", "message", "tx", "tx", "tx"],
  };

  test("F9 out of gas: the fee and the sequence stay, the rest goes", async () => {
    await nild.block([sendTx(nild)]);
    const { gasUsed } = nild.execute([sendTx(nild)]).txResults[0]!;
    expect(await changed(sendTx(nild, { gas: gasUsed - 1n }))).toEqual({ ...onlyTheFee, code: "sdk/11" });
    expect(nild.execute([sendTx(nild, { gas: gasUsed + 100n })]).txResults[0]!.code).toBe(0);
  });

  test("B11 balance + 1", async () => {
    await nild.block([sendTx(nild)]);
    expect(await changed(sendTx(nild, { amount: unil(1_000_000n) }))).toEqual({ ...onlyTheFee, code: "sdk/5" });
  });

  test("messages are atomic: the second's failure undoes the first", async () => {
    await nild.block([sendTx(nild)]);
    const send = (amount: bigint) => packMessage(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: testAccount("dave").address, amount: unil(amount) });
    expect(await changed(nild.sign([send(1n), send(10_000_000n)], { from: "alice" }))).toEqual({ ...onlyTheFee, code: "sdk/5" });
    const [result] = nild.execute([nild.sign([send(1n), send(10_000_000n)], { from: "alice" })]).txResults;
    expect(result!.log).toMatch(/^failed to execute message; message index: 1: /);
    expect(result!.data).toEqual(new Uint8Array(0));
  });

  test("gas is counted alike in success, failure and the second run", () => {
    const tx = sendTx(nild);
    const [first, second] = [nild.execute([tx]), nild.execute([tx])].map(({ txResults }) => txResults[0]!.gasUsed);
    expect(first).toBe(second);
  });
});

describe("block gas", () => {
  test("F10 more than the block's gas is not proposed and not accepted", () => {
    const txs = [0n, 1n, 2n].map((sequence) => sendTx(nild, { sequence, gas: 400_000_000n, fee: 1n }));
    const chosen = nild.app.prepareProposal({ txs, maxTxBytes: 1_000_000, height: 2n, timeNs: 0n });
    expect(chosen).toEqual(txs.slice(0, 2));
    const block = { height: 2n, timeNs: 0n, hash: new Uint8Array(32), proposerAddress: new Uint8Array(20) };
    expect(nild.app.processProposal({ ...block, txs: chosen })).toBe(true);
    expect(nild.app.processProposal({ ...block, txs })).toBe(false);
  });

  test("a proposal keeps max_tx_bytes with the framing counted", () => {
    const tx = sendTx(nild);
    const framed = tx.length + 3;
    const propose = (maxTxBytes: number) => nild.app.prepareProposal({ txs: [tx, tx], maxTxBytes, height: 2n, timeNs: 0n }).length;
    expect([propose(framed - 1), propose(framed), propose(2 * framed - 1), propose(2 * framed)]).toEqual([0, 1, 1, 2]);
  });

  test("F14 what is proposed from a hostile mempool is accepted", () => {
    const hostile = [sendTx(nild, { sequence: 7n }), Uint8Array.of(1, 2, 3), sendTx(nild, { amount: unil(999_000n) }), sendTx(nild, { amount: unil(999_000n), memo: "again" }), new Uint8Array(2_000_000)];
    const txs = nild.app.prepareProposal({ txs: hostile, maxTxBytes: 4_000_000, height: 2n, timeNs: 0n });
    expect(txs.length).toBe(3);
    expect(nild.app.processProposal({ height: 2n, timeNs: 0n, hash: new Uint8Array(32), proposerAddress: new Uint8Array(20), txs })).toBe(true);
    expect(nild.execute(txs).txResults.map(({ code }) => code)).toEqual([32, 0, 5]);
  });
});
