import fc from "fast-check";
import { MAX_AMOUNT, SdkError, amount, assertDenom, coins, dec, formatDec } from "nild/sdk";

function code(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
}

describe("amount", () => {
  it.each(["", "0100", "00", "+1", "-1", "-0", "1e3", "0x10", "0b1", "0o7", " 12 ", "12\n", "1_000", "1.0", "1,000", "١", "１", "NaN", "Infinity", "null"])(
    "T21 %j is refused",
    (text) => expect(code(() => amount(text))).toBe("sdk/10"),
  );

  it("T22 refuses a million digits by their number", () => {
    expect(code(() => amount("9".repeat(1_000_000)))).toBe("sdk/10");
    expect(code(() => amount("1".repeat(79)))).toBe("sdk/10");
  });

  it("B3 ends at 2^256 − 1", () => {
    expect(amount(MAX_AMOUNT.toString())).toBe(2n ** 256n - 1n);
    expect(code(() => amount((MAX_AMOUNT + 1n).toString()))).toBe("sdk/10");
    expect(code(() => amount("9".repeat(78)))).toBe("sdk/10");
  });

  it("reads what bigint prints", () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: MAX_AMOUNT }), (value) => amount(value.toString()) === value));
  });
});

describe("coins", () => {
  const coin = (denom: string, text = "1") => ({ denom, amount: text });

  it("takes a sorted list, and the empty one", () => {
    expect(coins([coin("atom", "7"), coin("unil", "5")])).toEqual([{ denom: "atom", amount: 7n }, { denom: "unil", amount: 5n }]);
    expect(coins([])).toEqual([]);
  });

  it.each([
    ["B1 zero", [coin("unil", "0")]],
    ["B2 negative", [coin("unil", "-1")]],
    ["B4 unsorted", [coin("unil"), coin("atom")]],
    ["B4 unsorted by case", [coin("abc"), coin("Abc")]],
    ["B5 twice", [coin("unil"), coin("unil", "2")]],
    ["B5 twice, apart", [coin("atom"), coin("unil"), coin("atom")]],
    ["no amount", [coin("unil", "")]],
    ["no denom", [coin("")]],
  ])("%s is refused", (_, list) => expect(code(() => coins(list))).toBe("sdk/10"));

  it.each(["ab", "a".repeat(129), "1abc", "/abc", "unіl", "u nil", "unil ", "unil\n", "ünil", "a\u0000bc", "a".repeat(100_000)])("B6 denom %j is refused", (denom) =>
    expect(code(() => assertDenom(denom))).toBe("sdk/10"),
  );

  it.each(["abc", "a".repeat(128), "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", "factory:nil1.x_y-z"])("denom %s is taken", (denom) =>
    expect(code(() => assertDenom(denom))).toBe("accepted"),
  );
});

describe("dec", () => {
  it.each([
    ["0", 0n],
    ["0.001", 10n ** 15n],
    ["1", 10n ** 18n],
    ["12.5", 125n * 10n ** 17n],
    ["0.000000000000000001", 1n],
    ["1.500", 15n * 10n ** 17n],
  ])("%s", (text, value) => expect(dec(text)).toBe(value));

  it.each(["", ".5", "5.", "-1", "+1", "01", "00.1", "1e-3", "0x1", " 1", "1.0000000000000000001", "1,5", "1.2.3", "1.", "1._5", "9".repeat(78), "1".repeat(200)])("%j is refused", (text) =>
    expect(code(() => dec(text))).toBe("sdk/18"),
  );

  it("prints the shortest form, which reads back", () => {
    expect([0n, 1n, 10n ** 18n, 15n * 10n ** 17n].map(formatDec)).toEqual(["0", "0.000000000000000001", "1", "1.5"]);
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (value) => dec(formatDec(value)) === value));
  });
});
