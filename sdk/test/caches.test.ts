import type { Transaction } from "../baseapp/ante.js";
import { ReadCache } from "../baseapp/read_cache.js";
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

describe("transactions read before", () => {
  const reader = (capacity: number) => {
    let reads = 0;
    const cache = new ReadCache(capacity, (bytes) => {
      reads += 1;
      if (bytes[0] === 0xff) throw new Error("unreadable");
      return { decoded: { size: bytes.length } } as unknown as Transaction;
    });
    return { cache, reads: () => reads };
  };
  const bytes = (n: number): Uint8Array => Uint8Array.of(n, 1, 2, 3);

  test("are read once, until execution takes them", () => {
    const { cache, reads } = reader(100);
    const tx = cache.get(bytes(1));
    expect(cache.get(bytes(1))).toBe(tx);
    expect(cache.take(bytes(1))).toBe(tx);
    expect(cache.take(bytes(1))).not.toBe(tx);
    expect(reads()).toBe(2);
  });

  test("do not share the caller's buffer", () => {
    const seen: Uint8Array[] = [];
    const cache = new ReadCache(100, (raw) => {
      seen.push(raw);
      return { decoded: { size: raw.length } } as unknown as Transaction;
    });
    const buffer = bytes(1);
    cache.get(buffer);
    buffer.fill(0);
    expect(seen[0]).toEqual(bytes(1));
  });

  test("stay within their bytes; what is unreadable or too large is not kept", () => {
    const { cache, reads } = reader(8);
    for (const n of [1, 2, 3, 4, 5]) cache.get(bytes(n));
    cache.get(bytes(1));
    expect(reads()).toBe(6);
    expect(() => cache.get(Uint8Array.of(0xff))).toThrow("unreadable");
    expect(() => cache.get(Uint8Array.of(0xff))).toThrow("unreadable");
    cache.get(new Uint8Array(9));
    cache.get(new Uint8Array(9));
    expect(reads()).toBe(10);
  });
});
