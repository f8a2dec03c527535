import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { BaseAccountSchema, ParamsSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { GenesisStateSchema } from "nild/gen/cosmos/auth/v1beta1/genesis_pb.js";
import { DealSchema } from "nild/gen/nil/deal/v1/types_pb.js";
import { JsonError, anyTypes, messageFromJson, messageToJson, parseJson, standardRegistry, writeJson } from "nild/sdk";

const types = anyTypes(standardRegistry());
const parse = (text: string) => parseJson(new TextEncoder().encode(text));
const pathOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof JsonError) return error.path;
    throw error;
  }
  throw new Error("accepted");
};

test("writes what it parses, for any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\\ud[89a-f]/i.test(text));
      expect(JSON.parse(writeJson(parse(text)))).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ["a control character in a string", '"a\nb"'],
  ["half a surrogate pair", '"\\ud800"'],
  ["a bad escape", '"\\x41"'],
  ["an unclosed string", '"abc'],
  ["a trailing comma", "[1,]"],
  ["a missing colon", '{"a" 1}'],
  ["an unquoted key", "{a:1}"],
  ["a number with a leading zero", "01"],
  ["a number with a plus", "+1"],
  ["NaN", "NaN"],
  ["two documents", "1 2"],
  ["nothing", ""],
  ["nested arrays", "[".repeat(100)],
  ["100,000 nested arrays", "[".repeat(100_000)],
])("%s is refused", (_name, text) => {
  expect(() => parse(text)).toThrow(JsonError);
});

test("names the path of what is wrong", () => {
  expect(pathOf(() => parse('{"a":[{"b":1,"b":2}]}'))).toBe("a[0].b");
  expect(pathOf(() => parse('{"a":{"b":[1,2,}]}}'))).toBe("a.b[2]");
});

test("messages: every field, snake_case, 64-bit as strings, bytes in base64, enums by name, Any with @type", () => {
  const account = create(BaseAccountSchema, {
    address: "x",
    accountNumber: (1n << 64n) - 1n,
    pubKey: create(AnySchema, { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: Uint8Array.of(10, 2, 0xfb, 0xff) }),
  });
  const text = writeJson(messageToJson(BaseAccountSchema, account, types));
  expect(text).toBe('{"address":"x","pub_key":{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"+/8="},"account_number":"18446744073709551615","sequence":"0"}');
  expect(messageFromJson(BaseAccountSchema, parse(text), "account", types)).toEqual(account);
  expect(writeJson(messageToJson(DealSchema, create(DealSchema, {}), types))).toContain('"status":"STATUS_UNSPECIFIED"');
});

test.each([
  ["an unknown field", '{"nothing":1}', "p.nothing"],
  ["a camelCase name", '{"maxMemoCharacters":"1"}', "p.maxMemoCharacters"],
  ["null", '{"tx_sig_limit":null}', "p.tx_sig_limit"],
  ["a fraction", '{"tx_sig_limit":1.0}', "p.tx_sig_limit"],
  ["an exponent", '{"tx_sig_limit":1e2}', "p.tx_sig_limit"],
  ["minus zero", '{"tx_sig_limit":"-0"}', "p.tx_sig_limit"],
  ["a negative unsigned", '{"tx_sig_limit":"-1"}', "p.tx_sig_limit"],
  ["2^64", '{"tx_sig_limit":"18446744073709551616"}', "p.tx_sig_limit"],
  ["a bare 2^53", '{"tx_sig_limit":9007199254740992}', "p.tx_sig_limit"],
  ["an object for a number", '{"tx_sig_limit":{}}', "p.tx_sig_limit"],
  ["a list", "[]", "p"],
])("a message field with %s is refused by its path", (_name, text, path) => {
  expect(pathOf(() => messageFromJson(ParamsSchema, parse(text), "p", types))).toBe(path);
});

test.each([
  ["no @type", '{"accounts":[{"address":"x"}]}', "g.accounts[0].@type"],
  ["an unknown @type", '{"accounts":[{"@type":"/x.Y"}]}', "g.accounts[0].@type"],
  ["base64 without padding", '{"accounts":[{"@type":"/cosmos.auth.v1beta1.BaseAccount","pub_key":{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"+/8"}}]}', "g.accounts[0].pub_key.key"],
  ["URL base64", '{"accounts":[{"@type":"/cosmos.auth.v1beta1.BaseAccount","pub_key":{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"-_8="}}]}', "g.accounts[0].pub_key.key"],
])("an Any with %s is refused by its path", (_name, text, path) => {
  expect(pathOf(() => messageFromJson(GenesisStateSchema, parse(text), "g", types))).toBe(path);
});
