import { VerdictCache } from "../baseapp/verdicts.js";

const check = (n: number, kind = "sum") => ({ kind, input: Uint8Array.of(n & 0xff, n >> 8) });

function cache(capacity: number): { verdicts: VerdictCache; runs: () => number } {
  let runs = 0;
  const verdicts = new VerdictCache({ sum: ([low]) => { runs += 1; return low! % 2 === 0; } }, capacity);
  return { verdicts, runs: () => runs };
}

test("a miss runs the checker once; hits do not", () => {
  const { verdicts, runs } = cache(10);
  expect([verdicts.verdict(check(2)), verdicts.verdict(check(3)), verdicts.verdict(check(2)), verdicts.verdict(check(3))]).toEqual([true, false, true, false]);
  expect(runs()).toBe(2);
});

test("memory stays bounded and dropping changes no verdict", () => {
  const { verdicts, runs } = cache(100);
  for (let i = 0; i < 5_000; i++) verdicts.admit(check(i), i % 2 === 0);
  expect(verdicts.size).toBeLessThanOrEqual(200);
  for (let i = 0; i < 5_000; i++) expect(verdicts.verdict(check(i))).toBe(i % 2 === 0);
  expect(runs()).toBeGreaterThan(4_000);
});

test("kinds do not share verdicts; a kind without a checker is a wiring error", () => {
  const { verdicts } = cache(10);
  verdicts.admit(check(2, "other"), false);
  expect(verdicts.verdict(check(2))).toBe(true);
  expect(verdicts.verdict(check(2, "other"))).toBe(false);
  expect(() => verdicts.verdict(check(3, "other"))).toThrow(/no checker/);
  expect(() => verdicts.verdict(check(3, "__proto__"))).toThrow(/no checker/);
});
