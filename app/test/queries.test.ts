import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BaseAccountSchema, ModuleAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { SimulateRequestSchema, SimulateResponseSchema } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { AuthInfoSchema, ModeInfoSchema, TxBodySchema, TxRawSchema, TxSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import { type Fixture, TEST_CONSENSUS, genesisJson, testAccount } from "nild/testing";
import { bankSection, chain, dump, newChain, sendTx, unil } from "./chain.js";

let nild: Fixture;
beforeAll(async () => {
  nild = await chain({ alice: 1_000_000n });
  await nild.block([sendTx(nild, { amount: unil(7n) })]);
});

const alice = testAccount("alice").address;
const NOTHING = new Uint8Array(0);
const failure = (path: string, data: Uint8Array = NOTHING, height = 0n, prove = false): string => {
  const { codespace, code } = nild.rawQuery(path, data, height, prove);
  return `${codespace}/${code}`;
};
const balancePath = "/cosmos.bank.v1beta1.Query/Balance";
const balanceRequest = (address: string, denom = "unil"): Uint8Array => toBinary(BankQuery.method.balance.input, create(BankQuery.method.balance.input, { address, denom }));

describe("module queries", () => {
  test("a balance of nothing is a zero coin", () => {
    expect(nild.query(BankQuery.method.balance, { address: testAccount("nobody").address, denom: "unil" }).balance).toMatchObject({ denom: "unil", amount: "0" });
  });

  test("an account that does not exist is NotFound in words that clients look for", () => {
    const data = toBinary(AuthQuery.method.account.input, create(AuthQuery.method.account.input, { address: testAccount("nobody").address }));
    const { codespace, code, log } = nild.rawQuery("/cosmos.auth.v1beta1.Query/Account", data);
    expect([codespace, code]).toEqual(["sdk", 22]);
    expect(log).toMatch(/^rpc error: code = NotFound/);
  });

  test("accounts come as base accounts and module accounts", () => {
    const base = nild.query(AuthQuery.method.account, { address: alice }).account!;
    expect(base.typeUrl).toBe("/cosmos.auth.v1beta1.BaseAccount");
    expect(fromBinary(BaseAccountSchema, base.value)).toMatchObject({ address: alice, sequence: 1n, pubKey: { typeUrl: "/cosmos.crypto.secp256k1.PubKey" } });
    const module = nild.query(AuthQuery.method.account, { address: addressToString(moduleAddress("escrow")) }).account!;
    expect(fromBinary(ModuleAccountSchema, module.value)).toMatchObject({ name: "escrow", permissions: ["burner"] });
  });

  test("an older height answers as it was", () => {
    const at = (height: bigint) => nild.query(BankQuery.method.balance, { address: testAccount("bob").address, denom: "unil" }, height).balance!.amount;
    expect([at(1n), at(2n), at(0n)]).toEqual(["0", "7", "7"]);
  });

  test("pages: every account once, whatever the page size", () => {
    const all = nild.query(AuthQuery.method.accounts, {}).accounts.length;
    const walked: string[] = [];
    let key: Uint8Array = NOTHING;
    do {
      const { accounts, pagination } = nild.query(AuthQuery.method.accounts, { pagination: { key, limit: 2n } });
      walked.push(...accounts.map(({ value }) => Buffer.from(value).toString("hex")));
      key = pagination!.nextKey;
    } while (key.length > 0);
    expect([walked.length, new Set(walked).size]).toEqual([all, all]);
  });

  test("I8 a page token of another owner shows nothing of theirs", () => {
    const token = nild.query(BankQuery.method.allBalances, { address: alice, pagination: { limit: 1n } });
    expect(token.balances.length).toBe(1);
    for (const first of [0x00, 0x14, 0x20, 0xff]) {
      const key = Uint8Array.from([0x14, ...new Uint8Array(20).fill(first), 0x61, 0x61, 0x61]);
      const { balances } = nild.query(BankQuery.method.allBalances, { address: alice, pagination: { key } });
      expect(balances.length).toBeLessThanOrEqual(1);
    }
  });
});

describe("bad queries", () => {
  test.each([
    ["unknown path", "/nothing", NOTHING, 0n, false, "sdk/6"],
    ["__proto__", "__proto__", NOTHING, 0n, false, "sdk/6"],
    ["a broadcast", "/cosmos.tx.v1beta1.Service/BroadcastTx", NOTHING, 0n, false, "sdk/18"],
    ["malformed request", balancePath, Uint8Array.of(0xff), 0n, false, "sdk/18"],
    ["bad address", balancePath, balanceRequest("nil1xyz"), 0n, false, "sdk/18"],
    ["bad denom", balancePath, balanceRequest(alice, "!"), 0n, false, "sdk/18"],
    ["future height", balancePath, balanceRequest(alice), 99n, false, "sdk/26"],
    ["negative height", balancePath, balanceRequest(alice), -1n, false, "sdk/26"],
    ["a proof of a query", balancePath, balanceRequest(alice), 0n, true, "sdk/18"],
    ["unknown store", "/store/nothing/key", Uint8Array.of(1), 0n, false, "sdk/6"],
    ["no key", "/store/bank/key", NOTHING, 0n, false, "sdk/18"],
    ["a proof at height 1", "/store/bank/key", Uint8Array.of(1), 1n, true, "sdk/18"],
    ["a path out of the store", "/store/../bank/key", Uint8Array.of(1), 0n, false, "sdk/6"],
    ["over the size limit", balancePath, new Uint8Array((2 << 20) + 1), 0n, false, "sdk/18"],
  ])("%s", (_name, path, data, height, prove, expected) => {
    expect(failure(path, data, height, prove)).toBe(expected);
  });
});

describe("store queries", () => {
  test("a key with its proof of two layers", () => {
    const [[name]] = [...dump(nild, ["bank"])] as [[string, string]];
    const key = Uint8Array.from(Buffer.from(name.slice("bank/".length), "hex"));
    const result = nild.rawQuery("/store/bank/key", key, 2n, true);
    expect(result.code).toBe(0);
    expect(result.height).toBe(2n);
    expect(result.value.length).toBeGreaterThan(0);
    expect(result.proofOps.map(({ type }) => type)).toEqual(["ics23:iavl", "ics23:simple"]);
    expect(nild.rawQuery("/store/bank/key", Uint8Array.of(0xee), 2n, true)).toMatchObject({ code: 0, value: NOTHING });
  });
});

describe("simulation", () => {
  const simulate = (init: Parameters<typeof create<typeof SimulateRequestSchema>>[1]) =>
    nild.rawQuery("/cosmos.tx.v1beta1.Service/Simulate", toBinary(SimulateRequestSchema, create(SimulateRequestSchema, init)));
  const unsigned = (edit: (authInfo: ReturnType<typeof fromBinary<typeof AuthInfoSchema>>) => void, signature: Uint8Array) => {
    const raw = fromBinary(TxRawSchema, sendTx(nild));
    const authInfo = fromBinary(AuthInfoSchema, raw.authInfoBytes);
    edit(authInfo);
    return create(TxSchema, { body: fromBinary(TxBodySchema, raw.bodyBytes), authInfo, signatures: [signature] });
  };
  const noFee = (authInfo: ReturnType<typeof fromBinary<typeof AuthInfoSchema>>): void => {
    authInfo.fee!.amount = [];
    authInfo.fee!.gasLimit = 0n;
  };

  test("CosmJS's form: empty signature, mode UNSPECIFIED, gas 0", () => {
    const tx = unsigned((authInfo) => {
      noFee(authInfo);
      authInfo.signerInfos[0]!.modeInfo = create(ModeInfoSchema, { sum: { case: "single", value: {} } });
    }, NOTHING);
    const result = simulate({ tx });
    expect([result.codespace, result.code, result.log]).toEqual(["", 0, ""]);
    const { gasInfo, result: inner } = fromBinary(SimulateResponseSchema, result.value);
    expect(gasInfo!.gasUsed).toBeGreaterThan(20_000n);
    expect(inner!.msgResponses.map(({ typeUrl }) => typeUrl)).toEqual(["/cosmos.bank.v1beta1.MsgSendResponse"]);
    expect(inner!.events.length).toBeGreaterThan(4);
  });

  test("Keplr's form: no public key, LEGACY_AMINO_JSON, 64 zero bytes, of an account that never signed", async () => {
    const fresh = await chain({ alice: 1_000_000n });
    const raw = fromBinary(TxRawSchema, sendTx(fresh));
    const authInfo = fromBinary(AuthInfoSchema, raw.authInfoBytes);
    noFee(authInfo);
    delete authInfo.signerInfos[0]!.publicKey;
    authInfo.signerInfos[0]!.modeInfo = create(ModeInfoSchema, { sum: { case: "single", value: { mode: 127 } } });
    const txBytes = toBinary(TxRawSchema, create(TxRawSchema, { bodyBytes: raw.bodyBytes, authInfoBytes: toBinary(AuthInfoSchema, authInfo), signatures: [new Uint8Array(64)] }));
    const result = fresh.rawQuery("/cosmos.tx.v1beta1.Service/Simulate", toBinary(SimulateRequestSchema, create(SimulateRequestSchema, { txBytes })));
    expect([result.codespace, result.code, result.log]).toEqual(["", 0, ""]);
  });

  test("the estimate holds: the transaction passes with exactly that gas", () => {
    const signed = sendTx(nild);
    const { gasInfo } = fromBinary(SimulateResponseSchema, simulate({ txBytes: signed }).value);
    expect(nild.execute([sendTx(nild, { gas: gasInfo!.gasUsed })]).txResults[0]!.code).toBe(0);
  });

  test("leaves no trace", () => {
    const before = nild.execute([]).appHash;
    simulate({ txBytes: sendTx(nild, { amount: unil(900_000n) }) });
    expect(nild.execute([]).appHash).toEqual(before);
    expect(nild.app.checkTx(sendTx(nild), "new").code).toBe(0);
  });

  test.each([
    ["a transaction that would fail", () => ({ txBytes: sendTx(nild, { sequence: 1n, amount: unil(10_000_000n) }) }), /^sdk\/(5|32)$/],
    ["bytes that are no transaction", () => ({ txBytes: Uint8Array.of(1, 2, 3) }), /^sdk\/2$/],
    ["nothing", () => ({}), /^sdk\/18$/],
  ])("%s is refused with its code", (_name, init, expected) => {
    const { codespace, code } = simulate(init());
    expect(`${codespace}/${code}`).toMatch(expected);
  });

  test("is bounded as queries are, also on a chain whose blocks have no gas limit", async () => {
    const unlimited = newChain({ limits: { queryGas: 30_000n } });
    const { chainId, timeNs, app } = unlimited;
    const consensusParams = { ...TEST_CONSENSUS, block: { ...TEST_CONSENSUS.block, maxGas: -1n } };
    app.initChain({ chainId, initialHeight: 1n, timeNs, consensusParams, validators: [], appState: genesisJson({ bank: bankSection({ alice: 1_000_000n }) }) });
    await unlimited.nextBlock();
    expect(unlimited.rawQuery("/app/simulate", sendTx(unlimited))).toMatchObject({ codespace: "sdk", code: 11 });
  });

  test("/app/simulate answers in JSON, /app/version in text", () => {
    const json = JSON.parse(Buffer.from(nild.rawQuery("/app/simulate", sendTx(nild, { sequence: 2n })).value).toString()) as { gas_info: { gas_used: string } };
    expect(BigInt(json.gas_info.gas_used)).toBeGreaterThan(20_000n);
    expect(Buffer.from(nild.rawQuery("/app/version", NOTHING).value).toString()).toBe("0.1.0");
  });
});
