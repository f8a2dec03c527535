import { create, toBinary } from "@bufbuild/protobuf";
import { createHash } from "node:crypto";
import { SignDocSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { MAX_TX_BYTES, SdkError, decodeTx, directSignBytes } from "nild/sdk";
import { ALICE, BOB, MSG_SEND_URL, authInfo, body, msgSend, registry, txRaw } from "./txs.js";
import { any, bytes, field, int, tag, text, varint } from "./wire.js";

function code(input: Uint8Array): string {
  try {
    decodeTx(input, registry);
    return "accepted";
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
}

const GOOD = txRaw();
/** A message whose body is hand-made. */
const withMessage = (value: Uint8Array) => txRaw(body([any(MSG_SEND_URL, value)]));

describe("a good transaction", () => {
  it("decodes into its parts", () => {
    const tx = decodeTx(GOOD, registry);
    expect(tx.msgs.map((msg) => msg.typeUrl)).toEqual([MSG_SEND_URL]);
    expect(tx.msgs[0]!.value).toMatchObject({ fromAddress: ALICE, toAddress: BOB, amount: [{ denom: "unil", amount: "5" }] });
    expect(tx.authInfo.fee).toMatchObject({ gasLimit: 200000n, amount: [{ denom: "unil", amount: "200" }] });
    expect(tx.authInfo.signerInfos[0]).toMatchObject({ sequence: 7n, modeInfo: { sum: { case: "single", value: { mode: 1 } } } });
    expect(tx.publicKeys[0]!.bytes.length).toBe(33);
    expect(tx.raw.bodyBytes).toEqual(body());
    expect(tx.raw.signatures).toEqual([new Uint8Array(64).fill(5)]);
    expect(tx.size).toBe(GOOD.length);
    expect(Buffer.from(tx.hash).toString("hex")).toBe(createHash("sha256").update(GOOD).digest("hex"));
  });

  it("may leave the public key out, as wallets do when they simulate", () => {
    const signer = field(1, bytes(field(2, field(1, bytes(0x08, 0x01)))));
    expect(decodeTx(txRaw(body(), signer), registry).publicKeys).toEqual([undefined]);
  });

  it("reads a Node Buffer into plain byte arrays", () => {
    const tx = decodeTx(Buffer.concat([Buffer.alloc(3), GOOD]).subarray(3), registry);
    expect(tx.raw.bodyBytes.constructor).toBe(Uint8Array);
    expect(tx.msgs[0]!.value).toEqual(decodeTx(GOOD, registry).msgs[0]!.value);
  });

  it("signs the received bytes", () => {
    const raw = { bodyBytes: body(), authInfoBytes: authInfo() };
    const expected = toBinary(SignDocSchema, create(SignDocSchema, { ...raw, chainId: "nild-dev-1", accountNumber: 3n }));
    expect(directSignBytes(raw, "nild-dev-1", 3n, registry)).toEqual(new Uint8Array(expected));
  });
});

describe("transaction bytes that are refused", () => {
  const u64 = (value: bigint) => int(3, value);
  const cases: [string, Uint8Array, string][] = [
    ["T1 empty", new Uint8Array(0), "sdk/2"],
    ["T4 a byte more at the end", bytes(GOOD, 0), "sdk/2"],
    ["T5 over the size limit", new Uint8Array(MAX_TX_BYTES + 1), "sdk/21"],
    ["T6 overlong tag", bytes([0x8a, 0x00], GOOD.subarray(1)), "sdk/2"],
    ["T6 overlong length", bytes(0x0a, [body().length | 0x80, (body().length >> 7) | 0x80, 0x00], body(), field(2, authInfo())), "sdk/2"],
    ["T6 overlong varint", txRaw(body(undefined, bytes(0x18, 0x81, 0x00))), "sdk/2"],
    ["T7 body twice", bytes(field(1, body()), field(1, body()), field(2, authInfo())), "sdk/2"],
    ["T7 a singular string twice", withMessage(bytes(text(1, ALICE), text(1, ALICE))), "sdk/2"],
    ["T8 TxRaw fields out of order", bytes(field(2, authInfo()), field(1, body())), "sdk/2"],
    ["T8 message fields out of order", withMessage(bytes(text(2, BOB), text(1, ALICE))), "sdk/2"],
    ["T8 repeated field split by another", txRaw(bytes(body(), text(2, "memo"), field(1, any(MSG_SEND_URL, msgSend)))), "sdk/2"],
    ["T9 empty string written out", txRaw(body(undefined, bytes(0x12, 0x00))), "sdk/2"],
    ["T9 zero integer written out", txRaw(body(undefined, u64(0n))), "sdk/2"],
    ["T9 false written out", txRaw(body(undefined, bytes(0x20, 0x00))), "sdk/2"],
    ["T10 string as varint", txRaw(body(undefined, bytes(0x10, 0x05))), "sdk/2"],
    ["T10 uint64 as bytes", txRaw(body(undefined, bytes(0x1a, 0x01, 0x05))), "sdk/2"],
    ["T11 unknown critical field in TxRaw", txRaw(body(), authInfo(), int(4, 1)), "sdk/2"],
    ["T11 unknown critical field in TxBody", txRaw(body(undefined, int(6, 1))), "sdk/2"],
    ["T11 unknown critical field 2048 in TxBody", txRaw(body(undefined, int(2048, 1))), "sdk/2"],
    ["T11 unknown critical field in AuthInfo", txRaw(body(), bytes(authInfo(), int(9, 1))), "sdk/2"],
    ["T12 unknown non-critical field in AuthInfo", txRaw(body(), bytes(authInfo(), int(1025, 1))), "sdk/2"],
    ["T12 unknown non-critical field in TxRaw", txRaw(body(), authInfo(), int(1025, 1)), "sdk/2"],
    ["T12 non-critical field that runs past the end", txRaw(body(undefined, bytes(tag(1025, 2), varint(9)))), "sdk/2"],
    ["T12 non-critical field as a group", txRaw(body(undefined, bytes(tag(1025, 3), tag(1025, 4)))), "sdk/2"],
    ["T12 non-critical field with an overlong varint", txRaw(body(undefined, bytes(tag(1025, 0), 0x80, 0x00))), "sdk/2"],
    ["T13 unknown field in a message", withMessage(bytes(msgSend, int(9, 1))), "sdk/2"],
    ["T13 unknown non-critical field in a message", withMessage(bytes(msgSend, int(1025, 1))), "sdk/2"],
    ["T14 varint of 11 bytes", txRaw(body(undefined, bytes(0x18, new Array(10).fill(0xff), 0x01))), "sdk/2"],
    ["T14 varint over 64 bits", txRaw(body(undefined, bytes(0x18, new Array(9).fill(0xff), 0x02))), "sdk/2"],
    ["T14 enum over 32 bits", txRaw(body(), field(1, field(2, field(1, int(1, 1n << 32n))))), "sdk/2"],
    ["T14 bool of 2", txRaw(body(undefined, bytes(0x20, 0x02))), "sdk/2"],
    ["T14 tag over 32 bits", bytes(GOOD, varint((1n << 40n) | 2n), 0x00), "sdk/2"],
    ["T15 field 0", bytes([0x02, 0x00], GOOD), "sdk/2"],
    ["T15 wire type 6", bytes(GOOD, [0x26, 0x00]), "sdk/2"],
    ["T15 wire type 7", bytes(GOOD, [0x27, 0x00]), "sdk/2"],
    ["T15 a group", bytes(GOOD, [0x23, 0x24]), "sdk/2"],
    ["T15 20,000 nested groups", bytes(new Array(20_000).fill(0x0b), new Array(20_000).fill(0x0c)), "sdk/2"],
    ["T15 20,000 nested groups in the body", txRaw(bytes(new Array(20_000).fill(0x0b))), "sdk/2"],
    ["T16 length 2^31-1", bytes(0x0a, [0xff, 0xff, 0xff, 0xff, 0x07], [1, 2]), "sdk/2"],
    ["T16 length 2^63", bytes(0x0a, varint(1n << 63n), [1, 2]), "sdk/2"],
    ["T17 overlong UTF-8", txRaw(body(undefined, field(2, bytes(0xc0, 0xaf)))), "sdk/2"],
    ["T17 a surrogate in UTF-8", txRaw(body(undefined, field(2, bytes(0xed, 0xa0, 0x80)))), "sdk/2"],
    ["T17 cut UTF-8", txRaw(body(undefined, field(2, bytes(0xe2, 0x82)))), "sdk/2"],
    ["T17 over U+10FFFF", txRaw(body(undefined, field(2, bytes(0xf4, 0x90, 0x80, 0x80)))), "sdk/2"],
    ["T17 bad UTF-8 behind 300 good bytes", txRaw(body(undefined, field(2, bytes(new Array(300).fill(0x61), 0xff)))), "sdk/2"],
    ["T19 no messages", txRaw(text(2, "memo")), "sdk/18"],
    ["T19 no body", bytes(field(2, authInfo())), "sdk/2"],
    ["T19 no auth info", bytes(field(1, body())), "sdk/2"],
    ["T19 empty body written out", txRaw(new Uint8Array(0)), "sdk/2"],
    ["T20 10,000 tiny messages", txRaw(body(new Array(10_000).fill(any("/a", new Uint8Array(0))))), "sdk/2"],
    ["two members of a oneof", txRaw(body(), field(1, field(2, bytes(field(1, int(1, 1)), field(2, new Uint8Array(0)))))), "sdk/2"],
    ["mode infos nested 5,000 deep", txRaw(body(), field(1, field(2, nestedModeInfo(5000)))), "sdk/2"],
  ];

  it.each(cases)("%s", (_, input, expected) => {
    expect(code(input)).toBe(expected);
  });

  it("T2 random bytes", () => {
    let state = 12345;
    for (let round = 0; round < 500; round++) {
      const input = Uint8Array.from({ length: 1024 }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return state >>> 24;
      });
      expect(code(input)).toBe("sdk/2");
    }
  });

  it("T3 every proper prefix", () => {
    // The signatures are a field of their own: without them the bytes are a transaction that nobody signed.
    const unsigned = GOOD.length - field(3, new Uint8Array(64)).length;
    for (let length = 0; length < GOOD.length; length++) {
      expect([length, code(GOOD.subarray(0, length))]).toEqual([length, length === unsigned ? "accepted" : "sdk/2"]);
    }
  });

  it("T23 no second form of the same transaction: any one byte put in, taken out or changed in the framing", () => {
    const accepted = new Set<string>();
    for (let at = 0; at < GOOD.length; at++) {
      for (const twin of [bytes(GOOD.subarray(0, at), 0x80, GOOD.subarray(at)), bytes(GOOD.subarray(0, at), 0x00, GOOD.subarray(at)), bytes(GOOD.subarray(0, at), GOOD.subarray(at + 1))]) {
        if (code(twin) === "accepted") accepted.add(Buffer.from(twin).toString("hex"));
      }
    }
    expect([...accepted]).toEqual([]);
  });
});

describe("transaction bytes that are accepted", () => {
  it.each([
    ["varint", int(1025, 5)],
    ["bytes", field(1024, new Uint8Array(9))],
    ["twice", bytes(int(1025, 5), int(1025, 6))],
    ["fixed", bytes(tag(1026, 5), [1, 2, 3, 4], tag(1027, 1), [1, 2, 3, 4, 5, 6, 7, 8])],
    ["second thousand", int(3072, 1)],
  ])("T12 an unknown non-critical field of TxBody: %s", (_, extra) => {
    expect(code(txRaw(body(undefined, extra)))).toBe("accepted");
  });

  it("T18 a byte-order mark stays part of its string, and U+FFFD may be meant", () => {
    const memo = "\uFEFFmemo \uFFFD";
    expect(decodeTx(txRaw(body(undefined, text(2, memo))), registry).body.memo).toBe(memo);
    const long = `\uFEFF${"m".repeat(300)}`;
    expect(decodeTx(txRaw(body(undefined, text(2, long))), registry).body.memo).toBe(long);
  });

  it("S12 a sign mode that nobody knows, for the ante to refuse", () => {
    const info = field(1, field(2, field(1, int(1, 99))));
    expect(code(txRaw(body(), info))).toBe("accepted");
  });

  it("negative enums and nested empty messages", () => {
    const info = field(1, field(2, field(1, int(1, (1n << 64n) - 1n))));
    expect(code(txRaw(body(), info))).toBe("accepted");
    expect(code(txRaw(body(), field(2, new Uint8Array(0))))).toBe("accepted");
  });
});

function nestedModeInfo(depth: number): Uint8Array {
  let info = field(1, int(1, 1));
  for (let level = 0; level < depth; level++) info = field(2, field(2, info));
  return info;
}
