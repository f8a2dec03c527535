import { create } from "@bufbuild/protobuf";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import { Msg, MsgMultiSendSchema, MsgUpdateParamsSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import { type Fixture, packMessage, testAccount } from "nild/testing";
import { bankSection, chain, refusal, refusedWith, sendTx, unil } from "./chain.js";

/* Group B of the bad-input catalogue, through the whole application. */

let nild: Fixture;
beforeAll(async () => {
  nild = await chain({ alice: 1_000_000n }, { bank: { ...bankSection({ alice: 1_000_000n }), send_enabled: [{ denom: "frozen", enabled: false }] } });
});

const bob = testAccount("bob").address;
const code = (tx: Uint8Array): string => {
  const [result] = nild.execute([tx]).txResults;
  return `${result!.codespace}/${result!.code}`;
};

describe("amounts that no state is read for", () => {
  test.each([
    ["B1 zero", [{ denom: "unil", amount: "0" }]],
    ["B2 negative", [{ denom: "unil", amount: "-1" }]],
    ["B3 2^256", [{ denom: "unil", amount: (1n << 256n).toString() }]],
    ["B4 unsorted", [{ denom: "unil", amount: "1" }, { denom: "atom", amount: "1" }]],
    ["B5 duplicate", [{ denom: "unil", amount: "1" }, { denom: "unil", amount: "1" }]],
    ["B6 two characters", [{ denom: "un", amount: "1" }]],
    ["B6 129 characters", [{ denom: "u".repeat(129), amount: "1" }]],
    ["B6 leading digit", [{ denom: "1unil", amount: "1" }]],
    ["B6 homoglyph", [{ denom: "unіl", amount: "1" }]],
    ["B6 space", [{ denom: "un il", amount: "1" }]],
    ["no coin", []],
  ])("%s", (_name, amount) => {
    expect(refusal(nild, sendTx(nild, { amount }))).toEqual(refusedWith("sdk/10"));
  });
});

describe("addresses", () => {
  test.each([
    ["B7 bad checksum", bob.replace(/.$/, (last) => (last === "q" ? "p" : "q"))],
    ["B7 wrong prefix", "cosmos15sfuxa0try2gp4dd4h7xrh006l5cag07u0m4lf"],
    ["B7 mixed case", bob.replace("nil1", "nil1").replace(/[a-z]$/, (last) => last.toUpperCase())],
    ["B7 upper case", bob.toUpperCase()],
    ["B7 q before the last p", bob.slice(0, -1) + "q" + bob.slice(-1)],
    ["B7 empty", ""],
    ["B8 hex", "0x" + "ab".repeat(20)],
    ["A7 __proto__", "__proto__"],
  ])("%s", (_name, to) => {
    expect(refusal(nild, sendTx(nild, { to }))).toEqual(refusedWith("sdk/7"));
  });

  test("a signer that is no address", () => {
    const message = packMessage(Msg.method.send.input, { fromAddress: "alice", toAddress: bob, amount: unil(1n) });
    expect(refusal(nild, nild.sign([message], { from: "alice" }))).toEqual(refusedWith("sdk/7"));
  });
});

test("the worked example of the module's README", async () => {
  const chain2 = await chain({ alice: 1_000_000n });
  await chain2.block([sendTx(chain2, { amount: unil(400n), fee: 1_000n })]);
  const held = (address: string) => chain2.query(Query.method.balance, { address, denom: "unil" }).balance!.amount;
  expect([held(testAccount("alice").address), held(bob), held(addressToString(moduleAddress("fee_collector")))]).toEqual(["998600", "400", "1000"]);
  expect(chain2.query(Query.method.supplyOf, { denom: "unil" }).amount!.amount).toBe("1000000");
});

describe("what state decides", () => {
  test("B9 to a module account", () => {
    expect(code(sendTx(nild, { to: addressToString(moduleAddress("escrow")) }))).toBe("sdk/4");
  });

  test("B10 to oneself: totals stay", async () => {
    const before = nild.query(Query.method.totalSupply, {}).supply;
    const { txResults } = await nild.block([sendTx(nild, { to: testAccount("alice").address, amount: unil(500n) })]);
    expect(txResults[0]!.code).toBe(0);
    expect(nild.query(Query.method.totalSupply, {}).supply).toEqual(before);
    expect(nild.query(Query.method.balance, { address: testAccount("alice").address, denom: "unil" }).balance!.amount).toBe("999000");
  });

  test("B11 the whole balance less the fee passes, one more does not", () => {
    expect(code(sendTx(nild, { amount: unil(998_000n) }))).toBe("/0");
    expect(code(sendTx(nild, { amount: unil(998_001n) }))).toBe("sdk/5");
  });

  test("B15 a denomination that may not be sent", () => {
    expect(code(sendTx(nild, { amount: [{ denom: "frozen", amount: "1" }] }))).toBe("sdk/4");
  });

  test("parameters change by the authority only", () => {
    const update = packMessage(MsgUpdateParamsSchema, { authority: testAccount("alice").address, params: { defaultSendEnabled: false } });
    expect(code(nild.sign([update], { from: "alice" }))).toBe("sdk/4");
  });
});

describe("multi-send", () => {
  const alice = testAccount("alice").address;
  const coins = (amount: bigint) => [create(CoinSchema, { denom: "unil", amount: amount.toString() })];
  const multi = (inputs: [string, bigint][], outputs: [string, bigint][]): Uint8Array =>
    nild.sign(
      [
        packMessage(MsgMultiSendSchema, {
          inputs: inputs.map(([address, amount]) => ({ address, coins: coins(amount) })),
          outputs: outputs.map(([address, amount]) => ({ address, coins: coins(amount) })),
        }),
      ],
      { from: "alice" },
    );

  test("splits one input over outputs", () => {
    expect(code(multi([[alice, 30n]], [[bob, 10n], [testAccount("carol").address, 20n]]))).toBe("/0");
  });

  test.each([
    ["B12 outputs over inputs", [[alice, 30n]], [[bob, 31n]], "sdk/10"],
    ["B12 outputs under inputs", [[alice, 30n]], [[bob, 29n]], "sdk/10"],
    ["B3 a sum over 256 bits", [[alice, 1n]], [[bob, (1n << 256n) - 1n], [bob, 1n]], "sdk/10"],
    ["no output", [[alice, 30n]], [], "sdk/18"],
  ] as [string, [string, bigint][], [string, bigint][], string][])("%s", (_name, inputs, outputs, expected) => {
    expect(refusal(nild, multi(inputs, outputs))).toEqual(refusedWith(expected));
  });

  test("an output to a module account undoes all of it", () => {
    expect(code(multi([[alice, 30n]], [[bob, 10n], [addressToString(moduleAddress("fee_collector")), 20n]]))).toBe("sdk/4");
  });
});

describe("B14 addresses of 20 and 32 bytes", () => {
  test("do not share an iterator range", async () => {
    const short = addressToString(new Uint8Array(20).fill(7));
    const long = addressToString(new Uint8Array(32).fill(7));
    nild = await chain({}, { bank: { ...bankSection({}), balances: [{ address: long, coins: unil(2n) }, { address: short, coins: [{ denom: "aaa", amount: "1" }, ...unil(1n)] }] } });
    const held = (address: string) => nild.query(Query.method.allBalances, { address }).balances.map(({ denom, amount }) => `${amount}${denom}`);
    expect([held(short), held(long)]).toEqual([["1aaa", "1unil"], ["2unil"]]);
  });
});
