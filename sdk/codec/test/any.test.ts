import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/cosmos/auth/v1beta1/tx_pb.js";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import { ROLE, SdkError, decodeTx, standardRegistry } from "nild/sdk";
import { synthetic } from "./synthetic.js";
import { ALICE, MSG_SEND_URL, SECP_URL, authInfo, body, msgSend, pubKey, txRaw } from "./txs.js";
import { any, bytes, field, int, text } from "./wire.js";

const WRAP_URL = "/test.Wrap";
const registry = standardRegistry();
registry.registerMsg(MsgSendSchema);
registry.registerMsg(synthetic("Wrap"));
registry.registerExtension(CoinSchema);

function code(input: Uint8Array): string {
  try {
    decodeTx(input, registry);
    return "accepted";
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
}

const withMessage = (typeUrl: string, value: Uint8Array) => txRaw(body([any(typeUrl, value)]));
const wrap = (...inner: Uint8Array[]) => bytes(...inner.map((each) => field(1, each)));

describe("messages in Anys", () => {
  it.each<[string, string, Uint8Array, string]>([
    ["A1 unknown type", "/nil.nothing.v1.MsgNothing", msgSend, "sdk/2"],
    ["A2 no slash", MSG_SEND_URL.slice(1), msgSend, "sdk/2"],
    ["A2 a host", `https://type.googleapis.com${MSG_SEND_URL}`, msgSend, "sdk/2"],
    ["A2 a host without scheme", `type.googleapis.com${MSG_SEND_URL}`, msgSend, "sdk/2"],
    ["A2 slash behind", `${MSG_SEND_URL}/`, msgSend, "sdk/2"],
    ["A2 two slashes", `/${MSG_SEND_URL}`, msgSend, "sdk/2"],
    ["A2 percent-escaped", "/cosmos.bank.v1beta1.Msg%53end", msgSend, "sdk/2"],
    ["A2 other case", MSG_SEND_URL.toLowerCase(), msgSend, "sdk/2"],
    ["A3 a registered type of another role", SECP_URL, pubKey, "sdk/2"],
    ["A3 a known type of no role", "/cosmos.auth.v1beta1.MsgUpdateParams", new Uint8Array(0), "sdk/2"],
    ["A4 the value of another type", MSG_SEND_URL, pubKey.map((byte, i) => (i === 2 ? 0xff : byte)), "sdk/2"],
    ["A7 __proto__", "__proto__", msgSend, "sdk/2"],
    ["A7 /__proto__", "/__proto__", msgSend, "sdk/2"],
    ["A7 constructor", "constructor", msgSend, "sdk/2"],
    ["A7 /toString", "/toString", msgSend, "sdk/2"],
  ])("%s", (_, typeUrl, value, expected) => {
    expect(code(withMessage(typeUrl, value))).toBe(expected);
  });

  it("A1 no type at all", () => {
    expect(code(txRaw(body([new Uint8Array(0)])))).toBe("sdk/2");
  });

  it("an Any inside a message is held to the same rules", () => {
    const inner = (value: Uint8Array, typeUrl = MSG_SEND_URL) => code(withMessage(WRAP_URL, wrap(any(typeUrl, value))));
    expect(inner(msgSend)).toBe("accepted");
    expect(inner(bytes(msgSend, int(9, 1)))).toBe("sdk/2");
    expect(inner(bytes(text(2, ALICE), text(1, ALICE)))).toBe("sdk/2");
    expect(inner(pubKey, SECP_URL)).toBe("sdk/2");
    expect(inner(new Uint8Array(0), WRAP_URL)).toBe("accepted");
  });

  it("A5 one counter for messages and Anys: depth 5,000 is refused, and so is a level over 64", () => {
    const nested = (levels: number) => {
      let message: Uint8Array = new Uint8Array(0);
      for (let level = 1; level < levels; level++) message = wrap(any(WRAP_URL, message));
      return withMessage(WRAP_URL, message);
    };
    // A wrap takes two levels, its own and its Any's; the outermost one stands at level 4.
    expect(code(nested(31))).toBe("accepted");
    expect(code(nested(32))).toBe("sdk/2");
    expect(code(nested(5000))).toBe("sdk/2");
  });

  it("A6 a tree of 1,000 Anys passes, one more does not", () => {
    const tree = (count: number) => txRaw(body([any(WRAP_URL, wrap(...new Array<Uint8Array>(count - 2).fill(any(MSG_SEND_URL, msgSend))))]));
    expect(code(tree(1000))).toBe("accepted");
    expect(code(tree(1001))).toBe("sdk/2");
  });
});

describe("extension options", () => {
  const extension = (number: number, typeUrl: string, value: Uint8Array) => txRaw(body(undefined, field(number, any(typeUrl, value))));
  const coin = bytes(text(1, "unil"), text(2, "1"));

  it.each<[string, Uint8Array, string]>([
    ["A8 unknown critical", extension(1023, "/test.Unknown", coin), "sdk/31"],
    ["A8 critical of another role", extension(1023, MSG_SEND_URL, msgSend), "sdk/31"],
    ["A8 known critical, malformed", extension(1023, "/cosmos.base.v1beta1.Coin", int(9, 1)), "sdk/2"],
    ["A8 known critical", extension(1023, "/cosmos.base.v1beta1.Coin", coin), "accepted"],
    ["A8 unknown non-critical is ignored", extension(2047, "/test.Unknown", bytes(0xff)), "accepted"],
    ["A8 non-critical Any with an unknown field", txRaw(body(undefined, field(2047, bytes(any("/test.Unknown", coin), int(3, 1))))), "sdk/2"],
  ])("%s", (_, input, expected) => {
    expect(code(input)).toBe(expected);
  });
});

describe("public keys in Anys", () => {
  const keyBytes = (key: Uint8Array) => field(1, key);
  it.each<[string, Uint8Array, string]>([
    ["A11 a message", any(MSG_SEND_URL, msgSend), "sdk/8"],
    ["A11 unknown kind", any("/cosmos.crypto.sr25519.PubKey", pubKey), "sdk/8"],
    ["A11 an account", any("/cosmos.auth.v1beta1.BaseAccount", new Uint8Array(0)), "sdk/8"],
    ["no kind", new Uint8Array(0), "sdk/8"],
    ["an unknown field inside", any(SECP_URL, bytes(pubKey, int(2, 1))), "sdk/2"],
    ["S7 no key", any(SECP_URL, new Uint8Array(0)), "sdk/8"],
    ["S7 uncompressed", any(SECP_URL, keyBytes(bytes(4, new Array(64).fill(1)))), "sdk/8"],
    ["S7 hybrid", any(SECP_URL, keyBytes(bytes(6, new Array(64).fill(1)))), "sdk/8"],
    ["S7 hybrid, short", any(SECP_URL, keyBytes(bytes(6, new Array(32).fill(1)))), "sdk/8"],
    ["S7 all zero", any(SECP_URL, keyBytes(new Uint8Array(33))), "sdk/8"],
    ["ed25519 of 33 bytes", any("/cosmos.crypto.ed25519.PubKey", keyBytes(new Uint8Array(33).fill(1))), "sdk/8"],
  ])("%s", (_, key, expected) => {
    expect(code(txRaw(body(), authInfo(key)))).toBe(expected);
  });
});

describe("the registry", () => {
  it("finds by exact URL and role, and nothing else", () => {
    expect(registry.find(ROLE.Msg, MSG_SEND_URL)).toBe(MsgSendSchema);
    expect(registry.find(ROLE.PubKey, MSG_SEND_URL)).toBeUndefined();
    for (const name of ["__proto__", "constructor", "hasOwnProperty"]) {
      expect(registry.find(name, name)).toBeUndefined();
      expect(registry.find(ROLE.Msg, name)).toBeUndefined();
    }
    expect(() => registry.msgDesc(`/${MsgUpdateParamsSchema.typeName}`)).toThrow(expect.objectContaining({ codespace: "sdk", code: 2 }));
  });

  it("unpacks by role", () => {
    expect(registry.unpack(ROLE.Msg, { typeUrl: MSG_SEND_URL, value: msgSend })).toMatchObject({ fromAddress: ALICE });
    expect(() => registry.unpack(ROLE.Account, { typeUrl: MSG_SEND_URL, value: msgSend })).toThrow(expect.objectContaining({ code: 2 }));
  });
});
