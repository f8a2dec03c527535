import { type DescField, type DescMessage, create, toJson } from "@bufbuild/protobuf";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { QueryAllBalancesRequestSchema } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { MsgCommitContentSchema, MsgCreateDealSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import { MsgRegisterProviderSchema } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Capability } from "nild/gen/nil/provider/v1/types_pb.js";
import { flagOf, messageFrom, parseHex, parseInteger, placeholderOf } from "../nild/fields.js";
import { asCliError } from "../nild/output.js";
import { parseAmount } from "../nild/commands/put.js";

/** What a refusal says of itself: exit code, codespace and code. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const { exit, codespace, code } = asCliError(error);
    return `${exit} ${codespace}/${code}`;
  }
  return "taken";
}

const USAGE = "2 cli/usage";
const from = <D extends DescMessage>(schema: D, field: string, text: string) => messageFrom(schema, new Map([[field, text]]));

describe("whole numbers", () => {
  test.each(["", " 1", "1 ", "01", "+1", "-1", "1.0", "1e3", "0x10", "1_000", "१", "NaN", "1n", "9".repeat(1_000_000)])("%.20p is none", (text) => {
    expect(refusal(() => parseInteger("--n", text, (1n << 64n) - 1n))).toBe(USAGE);
  });

  test("the bound itself is taken, one more is not", () => {
    expect(parseInteger("--n", "18446744073709551615", (1n << 64n) - 1n)).toBe(18446744073709551615n);
    expect(refusal(() => parseInteger("--n", "18446744073709551616", (1n << 64n) - 1n))).toBe(USAGE);
    expect(parseInteger("--n", "0", 0n)).toBe(0n);
    expect(refusal(() => parseInteger("--n", "1", 0n))).toBe(USAGE);
  });

  test("a field's width bounds it: uint32 is a number, uint64 a bigint", () => {
    expect(from(MsgCommitContentSchema, "deal_id", "18446744073709551615").dealId).toBe((1n << 64n) - 1n);
    expect(refusal(() => from(MsgCommitContentSchema, "deal_id", "18446744073709551616"))).toBe(USAGE);
    const pagination = JSON.stringify({ limit: "4294967296" });
    expect(from(QueryAllBalancesRequestSchema, "pagination", pagination).pagination!.limit).toBe(4294967296n);
  });
});

describe("bytes", () => {
  test("0x-hex of whole bytes, in either case, empty too", () => {
    expect([...parseHex("--b", "0x00fFAb")]).toEqual([0, 255, 171]);
    expect(parseHex("--b", "0x")).toHaveLength(0);
  });

  test.each(["", "00ff", "0X00", "0x0", "0xgg", "0x 00", "0x00\n", "AP8="])("%p is refused, never cut short", (text) => {
    expect(refusal(() => parseHex("--b", text))).toBe(USAGE);
  });
});

describe("amounts", () => {
  test("with or without the denom", () => {
    expect(parseAmount("--deposit", "0")).toBe(0n);
    expect(parseAmount("--deposit", "1000000unil")).toBe(1_000_000n);
    expect(parseAmount("--deposit", ((1n << 256n) - 1n).toString())).toBe((1n << 256n) - 1n);
  });

  test.each(["", "-5", "05", "1.5", "1e6", "5nil", "5 unil", "unil", (1n << 256n).toString(), "1".repeat(79)])("%.20p is none", (text) => {
    expect(refusal(() => parseAmount("--deposit", text))).toBe(USAGE);
  });
});

describe("coins", () => {
  test("lists of them, by comma or as JSON", () => {
    const coins = [
      { denom: "unil", amount: "1" },
      { denom: "ibc/AB", amount: "20" },
    ];
    expect(from(MsgSendSchema, "amount", "1unil,20ibc/AB").amount).toMatchObject(coins);
    expect(from(MsgSendSchema, "amount", JSON.stringify(coins)).amount).toMatchObject(coins);
    expect(from(MsgSendSchema, "amount", "").amount).toEqual([]);
  });

  test.each(["unil", "1", "01unil", "-1unil", "1.5unil", "1 unil", "1un", "1unil,", ",1unil", "1unil;2unil", '[{"denom":1}]', '[{"denom":"unil","amnt":"1"}]', "[", "[1unil]", `${"1".repeat(79)}unil`])(
    "%.40p is refused",
    (text) => {
      expect(refusal(() => from(MsgSendSchema, "amount", text))).toBe(USAGE);
    },
  );
});

describe("profiles", () => {
  test("K+M", () => {
    expect(from(MsgCreateDealSchema, "profile", "8+4").profile).toMatchObject({ k: 8, m: 4, code: 1 });
  });

  test.each(["8", "8+", "+4", "8-4", "08+4", "8+4 ", "7+2", "0+4", "8+0", "8+4+1"])("%p is refused", (text) => {
    expect(refusal(() => from(MsgCreateDealSchema, "profile", text))).toBe("2 nilfs/bad_profile");
  });

  test("JSON of one with an unknown field is refused", () => {
    expect(refusal(() => from(MsgCreateDealSchema, "profile", '{"k":8,"m":4,"n":12}'))).toBe(USAGE);
  });
});

describe("enums", () => {
  test.each(["CAPABILITY_GENERAL", "capability_general", "GENERAL", "general", String(Capability.GENERAL)])("%p names one", (text) => {
    expect(from(MsgRegisterProviderSchema, "capability", text).capability).toBe(Capability.GENERAL);
  });

  test.each(["", "gen", "eral", "_GENERAL", "CAPABILITY_", "99", "-1", "02", "__proto__"])("%p names none", (text) => {
    expect(refusal(() => from(MsgRegisterProviderSchema, "capability", text))).toBe(USAGE);
  });
});

describe("booleans, lists and messages", () => {
  test("true or false, nothing like them", () => {
    expect(from(MsgCreateDealSchema, "public_read", "true").publicRead).toBe(true);
    expect(from(MsgCreateDealSchema, "public_read", "false").publicRead).toBe(false);
    for (const text of ["", "1", "yes", "TRUE", "true "]) expect(refusal(() => from(MsgCreateDealSchema, "public_read", text))).toBe(USAGE);
  });

  test("lists of strings", () => {
    expect(from(MsgRegisterProviderSchema, "endpoints", "/ip4/1.2.3.4/tcp/1/http,/dns4/a.b/tcp/2/http").endpoints).toHaveLength(2);
    expect(from(MsgRegisterProviderSchema, "endpoints", '["/ip4/1.2.3.4/tcp/1/http"]').endpoints).toEqual(["/ip4/1.2.3.4/tcp/1/http"]);
    expect(refusal(() => from(MsgRegisterProviderSchema, "endpoints", "[1,"))).toBe(USAGE);
  });

  test.each(["", "null", "7", '"text"', "[]", "{", '{"asn":7}', '{"asn":"a","asn2":"b"}'])("%p is no failure domain", (text) => {
    expect(refusal(() => from(MsgRegisterProviderSchema, "failure_domain", text))).toBe(USAGE);
  });
});

test("fields that were not given keep their defaults", () => {
  expect(toJson(MsgSendSchema, messageFrom(MsgSendSchema, new Map()))).toEqual(toJson(MsgSendSchema, create(MsgSendSchema)));
});

test("names of fields become flags, types become placeholders", () => {
  const field = (schema: DescMessage, name: string): DescField => schema.fields.find((each) => each.name === name)!;
  expect(flagOf(field(MsgCreateDealSchema, "max_monthly_spend"))).toBe("max-monthly-spend");
  expect(placeholderOf(field(MsgSendSchema, "amount"))).toBe("100unil,…");
  expect(placeholderOf(field(MsgCreateDealSchema, "profile"))).toBe("8+4");
  expect(placeholderOf(field(MsgCommitContentSchema, "manifest_root"))).toBe("0xhex");
  expect(placeholderOf(field(MsgCreateDealSchema, "public_read"))).toBe("true|false");
  expect(placeholderOf(field(MsgRegisterProviderSchema, "capability"))).toBe("name");
});
