import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { MsgMultiSendSchema, MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import { AuthInfoSchema, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { type Fixture, packMessage, testAccount } from "nild/testing";
import { chain, rawTx, refusal, refusedWith, sendTx, unil } from "./chain.js";

/* Groups T and A of the bad-input catalogue, through CheckTx and through a block. */

let nild: Fixture;
let good: Uint8Array;
let parts: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; signatures: Uint8Array[] };

beforeAll(async () => {
  nild = await chain({ alice: 1_000_000_000n });
  good = sendTx(nild);
  parts = fromBinary(TxRawSchema, good);
});

const concat = (...chunks: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));
const withBody = (bodyBytes: Uint8Array): Uint8Array => rawTx(bodyBytes, parts.authInfoBytes, parts.signatures);
const withAuth = (authInfoBytes: Uint8Array): Uint8Array => rawTx(parts.bodyBytes, authInfoBytes, parts.signatures);
const field = (number: number, bytes: Uint8Array): Uint8Array => new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
const message = (typeUrl: string, value: Uint8Array): Uint8Array => toBinary(TxBodySchema, create(TxBodySchema, { messages: [create(AnySchema, { typeUrl, value })] }));
const sendValue = (amount = "1"): Uint8Array =>
  toBinary(MsgSendSchema, create(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: testAccount("bob").address, amount: unil(amount) }));

test("the good transaction is good", () => {
  expect(nild.app.checkTx(good, "new").code).toBe(0);
  expect(nild.app.processProposal({ height: 2n, timeNs: 0n, hash: new Uint8Array(32), proposerAddress: new Uint8Array(20), txs: [good] })).toBe(true);
});

describe("bytes that are no canonical transaction", () => {
  const cases: [string, () => Uint8Array, string][] = [
    ["T1 empty", () => new Uint8Array(0), "sdk/2"],
    ["T2 random KiB", () => Uint8Array.from({ length: 1024 }, (_, i) => (i * 7919 + 13) & 0xff), "sdk/2"],
    ["T4 one byte added", () => concat(good, Uint8Array.of(0)), "sdk/2"],
    ["T5 over the size limit", () => new Uint8Array((1 << 20) + 1), "sdk/21"],
    ["T6 overlong length", () => concat(Uint8Array.of(0x0a, 0x80 | parts.bodyBytes.length & 0x7f, 0x80 | parts.bodyBytes.length >> 7, 0), parts.bodyBytes, field(2, parts.authInfoBytes), field(3, parts.signatures[0]!)), "sdk/2"],
    ["T7 body twice", () => concat(field(1, parts.bodyBytes), good), "sdk/2"],
    ["T8 auth info before body", () => concat(field(2, parts.authInfoBytes), field(1, parts.bodyBytes), field(3, parts.signatures[0]!)), "sdk/2"],
    ["T9 explicit empty memo", () => withBody(concat(parts.bodyBytes, Uint8Array.of(0x12, 0))), "sdk/2"],
    ["T10 memo as a number", () => withBody(concat(parts.bodyBytes, Uint8Array.of(0x10, 1))), "sdk/2"],
    ["T11 unknown field in TxRaw", () => concat(good, field(9, Uint8Array.of(1))), "sdk/2"],
    ["T11 unknown critical field in TxBody", () => withBody(concat(parts.bodyBytes, field(9, Uint8Array.of(1)))), "sdk/2"],
    ["T12 non-critical field in AuthInfo", () => withAuth(concat(parts.authInfoBytes, field(1025, Uint8Array.of(1)))), "sdk/2"],
    ["T13 unknown field in the message", () => withBody(message("/cosmos.bank.v1beta1.MsgSend", concat(sendValue(), field(9, Uint8Array.of(1))))), "sdk/2"],
    ["T15 20,000 nested groups", () => withBody(new Uint8Array(20_000).fill(0x4b)), "sdk/2"],
    ["T16 length 2^31-1", () => Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2), "sdk/2"],
    ["T17 bad UTF-8 in the memo", () => withBody(concat(parts.bodyBytes, field(2, Uint8Array.of(0xc0, 0xaf)))), "sdk/2"],
    ["T19 no messages", () => withBody(toBinary(TxBodySchema, create(TxBodySchema, { memo: "x" }))), "sdk/18"],
    ["T19 no body", () => rawTx(new Uint8Array(0), parts.authInfoBytes, parts.signatures), "sdk/2"],
    ["T19 no auth info", () => rawTx(parts.bodyBytes, new Uint8Array(0), parts.signatures), "sdk/2"],
    ["A1 unknown type URL", () => withBody(message("/cosmos.bank.v1beta1.MsgNothing", sendValue())), "sdk/2"],
    ["A2 no slash", () => withBody(message("cosmos.bank.v1beta1.MsgSend", sendValue())), "sdk/2"],
    ["A2 a host", () => withBody(message("https://x/cosmos.bank.v1beta1.MsgSend", sendValue())), "sdk/2"],
    ["A2 trailing slash", () => withBody(message("/cosmos.bank.v1beta1.MsgSend/", sendValue())), "sdk/2"],
    ["A3 a registered type that is no message", () => withBody(message("/cosmos.crypto.secp256k1.PubKey", Uint8Array.of())), "sdk/2"],
    ["A3 a response", () => withBody(message("/cosmos.bank.v1beta1.MsgSendResponse", Uint8Array.of())), "sdk/2"],
    ["A4 value of another type", () => withBody(message("/cosmos.bank.v1beta1.MsgMultiSend", sendValue())), "sdk/2"],
    ["A7 __proto__", () => withBody(message("/__proto__", Uint8Array.of())), "sdk/2"],
    ["A7 constructor", () => withBody(message("/constructor", Uint8Array.of())), "sdk/2"],
    [
      "A8 unknown critical extension option",
      () => withBody(toBinary(TxBodySchema, create(TxBodySchema, { messages: [packMessage(MsgSendSchema, fromBinary(MsgSendSchema, sendValue()))], extensionOptions: [create(AnySchema, { typeUrl: "/x.Y" })] }))),
      "sdk/31",
    ],
    [
      "A11 a message where a key belongs",
      () => {
        const auth = fromBinary(AuthInfoSchema, parts.authInfoBytes);
        auth.signerInfos[0]!.publicKey = packMessage(MsgSendSchema, {});
        return withAuth(toBinary(AuthInfoSchema, auth));
      },
      "sdk/8",
    ],
  ];
  test.each(cases)("%s", (_name, build, code) => {
    expect(refusal(nild, build())).toEqual(refusedWith(code));
  });

  test("ProcessProposal rejects every one of them", () => {
    const accepted = cases.filter(([, build]) => nild.app.processProposal({ height: 2n, timeNs: 0n, hash: new Uint8Array(32), proposerAddress: new Uint8Array(20), txs: [good, build()] }));
    expect(accepted.map(([name]) => name)).toEqual([]);
  });

  test("T3 every proper prefix is sdk/2, but the one that ends before the signature: sdk/15", () => {
    const unsigned = good.length - 66;
    const wrong = Array.from({ length: good.length }, (_, length) => {
      const { codespace, code } = nild.app.checkTx(good.subarray(0, length), "new");
      return `${codespace}/${code}` === (length === unsigned ? "sdk/15" : "sdk/2") ? undefined : length;
    });
    expect(wrong.filter((length) => length !== undefined)).toEqual([]);
  });
});

describe("canonical transactions with bad content", () => {
  test("T12 a non-critical field in TxBody is only a bad signature, not a bad encoding", async () => {
    const nild = await chain({ alice: 1_000_000_000n });
    const tx = withBody(concat(parts.bodyBytes, field(1025, Uint8Array.of(1))));
    expect(refusal(nild, tx)).toEqual(refusedWith("sdk/4"));
  });

  test("T20 more messages than a transaction holds", () => {
    const send = create(AnySchema, { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: sendValue() });
    const times = (count: number): Uint8Array => nild.sign(Array.from({ length: count }, () => send), { from: "alice" });
    expect(refusal(nild, times(257))).toEqual(refusedWith("sdk/18"));
    expect(refusal(nild, times(2_000))).toEqual(refusedWith("sdk/2"));
    expect(refusal(nild, times(10_000))).toEqual(refusedWith("sdk/21"));
  });

  test.each(["0100", "+1", "1e3", "0x10", " 12 ", "", "-1", "1.0", "9".repeat(79)])("T21 amount %p", (amount) => {
    expect(refusal(nild, sendTx(nild, { amount: [{ denom: "unil", amount }] }))).toEqual(refusedWith("sdk/10"));
  });

  test("T22 an amount of half a million digits", () => {
    expect(refusal(nild, sendTx(nild, { amount: unil("9".repeat(500_000)) }))).toEqual(refusedWith("sdk/10"));
  });

  test("T23 a re-encoding of a signed transaction is never a second valid one", () => {
    const body = fromBinary(TxBodySchema, parts.bodyBytes);
    body.memo = "";
    // Fields in another order are the same transaction to a lax decoder.
    const [any] = body.messages;
    const swapped = concat(field(2, any!.value), field(1, new TextEncoder().encode(any!.typeUrl)));
    expect(refusal(nild, withBody(field(1, swapped)))).toEqual(refusedWith("sdk/2"));
  });

  test("the messages' own checks run before the fee is taken", () => {
    const coin = create(CoinSchema, { denom: "unil", amount: "1" });
    const party = { address: testAccount("alice").address, coins: [coin] };
    const twoInputs = packMessage(MsgMultiSendSchema, { inputs: [party, party], outputs: [party, party] });
    expect(refusal(nild, nild.sign([twoInputs], { from: "alice" }))).toEqual(refusedWith("sdk/18"));
  });
});
