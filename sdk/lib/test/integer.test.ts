import fc from "fast-check";
import { SdkError, mulDivDown, mulDivUp, quoDown, quoUp } from "nild/sdk";

const any = fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n });
const divisor = any.filter((value) => value !== 0n);

describe("integer division", () => {
  it.each([
    [7n, 2n, 3n, 4n],
    [-7n, 2n, -4n, -3n],
    [7n, -2n, -4n, -3n],
    [-7n, -2n, 3n, 4n],
    [6n, 3n, 2n, 2n],
    [-6n, 3n, -2n, -2n],
    [0n, 5n, 0n, 0n],
    [1n, 2n ** 256n, 0n, 1n],
  ])("%s by %s: down %s, up %s", (a, b, down, up) => {
    expect(quoDown(a, b)).toBe(down);
    expect(quoUp(a, b)).toBe(up);
  });

  it("is floor and ceiling for every sign", () => {
    fc.assert(
      fc.property(any, divisor, (a, b) => {
        const down = quoDown(a, b);
        const rest = a - down * b;
        expect(b > 0n ? rest >= 0n && rest < b : rest <= 0n && rest > b).toBe(true);
        expect(quoUp(a, b) - down).toBe(rest === 0n ? 0n : 1n);
      }),
    );
  });

  it("keeps the product exact", () => {
    expect(mulDivDown(2n ** 200n, 2n ** 200n, 2n ** 200n)).toBe(2n ** 200n);
    expect([mulDivDown(10n, 10n, 3n), mulDivUp(10n, 10n, 3n)]).toEqual([33n, 34n]);
  });

  it.each([
    ["quoDown", () => quoDown(1n, 0n)],
    ["quoUp", () => quoUp(1n, 0n)],
    ["mulDivDown", () => mulDivDown(1n, 1n, 0n)],
    ["mulDivUp", () => mulDivUp(0n, 1n, 0n)],
  ])("%s by zero is an SdkError", (_, action) => {
    expect(action).toThrow(SdkError);
    expect(action).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });
});
