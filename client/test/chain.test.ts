import { fromBinary } from "@bufbuild/protobuf";
import { decodeTxRaw } from "@cosmjs/proto-signing";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { MsgSendResponseSchema, MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { ChainClient, ChainError, feeFor, msg, newMnemonic, responseOf, signTx, Wallet } from "nild/client";
import { answer, FakeChain, Refusal } from "./fake_chain.js";
import { codeOf, rejection } from "./codes.js";

const MNEMONIC = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

async function sender(): Promise<{ wallet: Wallet; chain: FakeChain; client: ChainClient }> {
  const wallet = await Wallet.fromMnemonic(MNEMONIC);
  const chain = new FakeChain().on(MsgSendSchema, () => answer(MsgSendResponseSchema, {}));
  chain.sequences.set(wallet.address, 3n);
  return { wallet, chain, client: chain.client() };
}

function send(wallet: Wallet, amount = "1") {
  return msg(MsgSendSchema, { fromAddress: wallet.address, toAddress: wallet.address, amount: [{ denom: "unil", amount }] });
}

describe("wallet", () => {
  test("derives coin type 118's first account, 20 bytes under nil", async () => {
    const wallet = await Wallet.fromMnemonic(MNEMONIC);
    // The same 20 bytes as cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4, which every Cosmos wallet shows for this mnemonic.
    expect(wallet.address).toBe("nil19rl4cm2hmr8afy4kldpxz3fka4jguq0arnv3e0");
  });

  test.each([
    ["a wrong word", MNEMONIC.replace("about", "abuot")],
    ["a wrong checksum", MNEMONIC.replace("about", "abandon")],
    ["nothing", ""],
  ])("refuses a mnemonic with %s", async (_, mnemonic) => {
    expect(await codeOf(Wallet.fromMnemonic(mnemonic))).toBe("bad_key");
  });

  test.each([["zero", new Uint8Array(32)], ["the wrong length", new Uint8Array(31).fill(1)], ["above the order", new Uint8Array(32).fill(255)]])(
    "refuses a private key that is %s",
    async (_, key) => {
      expect(await codeOf(Wallet.fromPrivateKey(key))).toBe("bad_key");
    },
  );

  test("signs for its own account only", async () => {
    const wallet = await Wallet.fromMnemonic(MNEMONIC);
    const other = await Wallet.fromMnemonic(newMnemonic());
    const doc = { bodyBytes: new Uint8Array(), authInfoBytes: new Uint8Array(), chainId: "a-1", accountNumber: 0n };
    expect(await codeOf(wallet.signDirect(other.address, doc))).toBe("bad_key");
  });
});

describe("transactions", () => {
  test("CosmJS reads what was built: one message, DIRECT, fee and sequence", async () => {
    const { wallet } = await sender();
    const bytes = await signTx(wallet, [send(wallet)], { accountNumber: 7n, sequence: 3n }, { chainId: "nild-test-1", gas: 80_000n, fee: 80n, memo: "hi" });
    const { body, authInfo } = decodeTxRaw(bytes);
    expect(body.memo).toBe("hi");
    expect(body.messages.map(({ typeUrl }) => typeUrl)).toEqual(["/cosmos.bank.v1beta1.MsgSend"]);
    expect(fromBinary(MsgSendSchema, body.messages[0]!.value).fromAddress).toBe(wallet.address);
    expect(authInfo.fee).toMatchObject({ gasLimit: 80_000n, amount: [{ denom: "unil", amount: "80" }] });
    expect(authInfo.signerInfos[0]).toMatchObject({ sequence: 3n, modeInfo: { single: { mode: 1 } } });
  });

  test.each([
    [1n, "0.001", 1n],
    [1_000n, "0.001", 1n],
    [1_001n, "0.001", 2n],
    [100_000n, "0.025unil", 2_500n],
    [5n, "0", 0n],
  ])("fee of %s gas at %s is rounded up to %s", (gas, price, fee) => {
    expect(feeFor(gas, price)).toBe(fee);
  });

  test.each(["", "1e3", "-1", "0.001atom", "1."])('gas price "%s" is refused', async (price) => {
    expect(await codeOf(async () => feeFor(1n, price))).toBe("bad_gas_price");
  });
});

describe("signAndBroadcast", () => {
  test("waits for the block and hands over the answers", async () => {
    const { wallet, chain, client } = await sender();
    const result = await client.signAndBroadcast(wallet, [send(wallet), send(wallet)]);
    expect(result).toMatchObject({ code: 0, height: chain.height });
    expect(responseOf(result, 1, MsgSendResponseSchema).$typeName).toBe("cosmos.bank.v1beta1.MsgSendResponse");
    expect(await codeOf(async () => responseOf(result, 2, MsgSendResponseSchema))).toBe("bad_response");
  });

  test("sends of one account go in order, each with its own sequence", async () => {
    const { wallet, chain, client } = await sender();
    await Promise.all([1, 2, 3, 4].map((amount) => client.signAndBroadcast(wallet, [send(wallet, String(amount))])));
    expect(chain.sequences.get(wallet.address)).toBe(7n);
  });

  test("after a sequence mismatch it signs again with what the chain expects", async () => {
    const { wallet, chain, client } = await sender();
    chain.refuseNext.push({ codespace: "sdk", code: 32, log: "account sequence mismatch, expected 9, got 3" });
    await client.signAndBroadcast(wallet, [send(wallet)]);
    expect(chain.sequences.get(wallet.address)).toBe(10n);
  });

  test("gives up after three mismatches", async () => {
    const { wallet, chain, client } = await sender();
    for (let i = 0; i < 3; i++) chain.refuseNext.push({ codespace: "sdk", code: 32, log: "expected 9, got 3" });
    expect(await rejection(client.signAndBroadcast(wallet, [send(wallet)]))).toMatchObject({ codespace: "sdk", code: 32, exit: 4, height: undefined });
    expect(chain.executed).toEqual([]);
  });

  test("a refusal and a failed execution are ChainError, the latter with its height", async () => {
    const { wallet, chain, client } = await sender();
    chain.refuseNext.push({ codespace: "sdk", code: 13, log: "insufficient fees" });
    expect(await rejection(client.signAndBroadcast(wallet, [send(wallet)]))).toMatchObject({ codespace: "sdk", code: 13, height: undefined });
    chain.on(MsgSendSchema, () => {
      throw new Refusal("bank", 5, "short");
    });
    const failed = await rejection(client.signAndBroadcast(wallet, [send(wallet)]));
    expect(failed).toBeInstanceOf(ChainError);
    expect(failed).toMatchObject({ codespace: "bank", code: 5, height: chain.height });
  });

  test("an unknown account, a dead node and an endless wait have their codes", async () => {
    const { chain, client, wallet } = await sender();
    const stranger = await Wallet.fromMnemonic(newMnemonic());
    expect(await codeOf(client.signAndBroadcast(stranger, [send(stranger)]))).toBe("account_not_found");
    chain.down = true;
    expect(await rejection(client.signAndBroadcast(wallet, [send(wallet)]))).toMatchObject({ code: "unreachable", exit: 3 });
    chain.down = false;
    const impatient = new ChainClient({ transport: chain.transport(), pollMs: 1, confirmTimeoutMs: 5 });
    expect(await rejection(impatient.waitForTx("00".repeat(32)))).toMatchObject({ code: "timed_out", exit: 3 });
  });

  test.each([
    [Code.DeadlineExceeded, "timed_out"],
    [Code.Unavailable, "unreachable"],
    [Code.NotFound, "not_found"],
    [Code.InvalidArgument, "rpc_failed"],
  ])("a query that fails with status %s is %s", async (status, code) => {
    const failing: Transport = { unary: () => Promise.reject(new ConnectError("no", status)), stream: () => Promise.reject(new ConnectError("no", status)) };
    expect(await codeOf(new ChainClient({ transport: failing }).query.deal.deal({ id: 1n }))).toBe(code);
  });
});
