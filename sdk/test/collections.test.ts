import fc from "fast-check";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import { create } from "@bufbuild/protobuf";
import { type ExecCtx, type KeyCodec, StateSchema, addressToString, k, pageOf, v } from "nild/sdk";
import { execCtx, testState } from "nild/testing";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const sign = (n: number): number => (n < 0 ? -1 : n > 0 ? 1 : 0);
const byBytes = (a: Uint8Array, b: Uint8Array): number => sign(Buffer.compare(a, b));

const u64s = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const strings = fc.string({ unit: "binary" }).filter((each) => !each.includes("\0"));
const addresses = fc.oneof(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.uint8Array({ minLength: 32, maxLength: 32 })).map((bytes) => addressToString(bytes));

describe("key codecs", () => {
  const cases: [string, fc.Arbitrary<never>, KeyCodec<never>][] = [
    ["u64", u64s as never, k.u64 as never],
    ["u32", fc.nat(0xffff_ffff) as never, k.u32 as never],
    ["str", strings as never, k.str as never],
    ["bytes", fc.uint8Array({ maxLength: 40 }) as never, k.bytes as never],
    ["address", addresses as never, k.address as never],
    ["tuple", fc.tuple(u64s, strings, fc.nat(9)) as never, k.tuple<readonly [bigint, string, number]>(k.u64, k.str, k.u32) as never],
  ];

  test.each(cases)("%s decodes what it encodes, last or not", (_name, values, codec) => {
    fc.assert(
      fc.property(values, fc.boolean(), (value, last) => {
        const bytes = codec.encode(value, last);
        expect(codec.decode(bytes, 0, last)).toEqual([value, bytes.length]);
      }),
    );
  });

  test("u64, u32 and tuples of them order as numbers do", () => {
    fc.assert(fc.property(u64s, u64s, (a, b) => byBytes(k.u64.encode(a, true), k.u64.encode(b, true)) === (a < b ? -1 : a > b ? 1 : 0)));
    const pair = k.tuple<readonly [bigint, number]>(k.u64, k.u32);
    fc.assert(
      fc.property(fc.tuple(fc.bigInt(0n, 3n), fc.nat(3)), fc.tuple(fc.bigInt(0n, 3n), fc.nat(3)), (a, b) => {
        const expected = a[0] === b[0] ? sign(a[1] - b[1]) : a[0] < b[0] ? -1 : 1;
        return byBytes(pair.encode(a, true), pair.encode(b, true)) === expected;
      }),
    );
  });

  test("strings order by their UTF-8 bytes, inside a tuple too", () => {
    const pair = k.tuple<readonly [string, bigint]>(k.str, k.u64);
    fc.assert(
      fc.property(strings, strings, (a, b) => {
        const expected = byBytes(Buffer.from(a), Buffer.from(b));
        expect(byBytes(k.str.encode(a, true), k.str.encode(b, true))).toBe(expected);
        if (expected !== 0) expect(byBytes(pair.encode([a, 0n], true), pair.encode([b, 0n], true))).toBe(expected);
      }),
    );
    // U+FF61 sorts below U+1F600 in UTF-8 and above it in UTF-16.
    expect(byBytes(k.str.encode("\uff61", true), k.str.encode("\u{1f600}", true))).toBe(-1);
    expect("\uff61" < "\u{1f600}").toBe(false);
  });

  test("no key is a prefix of another that follows", () => {
    const pair = k.tuple<readonly [string, string]>(k.str, k.str);
    expect(text(pair.encode(["a", "bc"], true))).not.toBe(text(pair.encode(["ab", "c"], true)));
  });

  test.each([
    ["u64 negative", () => k.u64.encode(-1n, true), 18],
    ["u64 2^64", () => k.u64.encode(1n << 64n, true), 18],
    ["u32 2^32", () => k.u32.encode(2 ** 32, true), 18],
    ["u32 fraction", () => k.u32.encode(1.5, true), 18],
    ["NUL in a string", () => k.str.encode("a\0b", true), 18],
    ["256 bytes", () => k.bytes.encode(new Uint8Array(256), true), 18],
    ["no address", () => k.address.encode("nil1nope", true), 7],
  ])("%s is refused", (_name, encode, code) => {
    expect(encode).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });
});

describe("a map against a model", () => {
  const build = () => {
    const s = new StateSchema("vault");
    return s.map(1, "amounts", k.u64, v.amount);
  };
  const model = fc.array(fc.tuple(fc.bigInt(0n, 20n), fc.option(fc.bigInt(1n, 9n), { nil: undefined })), { maxLength: 40 });

  test("scans give the model's entries within every bound, both ways", () => {
    fc.assert(
      fc.property(model, fc.bigInt(0n, 20n), fc.bigInt(0n, 20n), fc.boolean(), fc.integer({ min: 1, max: 25 }), (writes, a, b, reverse, limit) => {
        const map = build();
        const ctx = execCtx();
        const expected = new Map<bigint, bigint>();
        for (const [key, value] of writes) {
          if (value === undefined) {
            map.remove(ctx, key);
            expected.delete(key);
          } else {
            map.set(ctx, key, value);
            expected.set(key, value);
          }
        }
        const within = (from: bigint, to: bigint): [bigint, bigint][] => {
          const sorted = [...expected].filter(([key]) => key >= from && key <= to).sort(([x], [y]) => (x < y ? -1 : 1));
          return (reverse ? sorted.reverse() : sorted).slice(0, limit);
        };
        expect(map.scan(ctx, { reverse, limit })).toEqual(within(0n, 99n));
        expect(map.scan(ctx, { start: a, endInclusive: b, reverse, limit })).toEqual(a > b ? [] : within(a, b));
        expect(map.scan(ctx, { start: a, end: b, reverse, limit })).toEqual(a >= b ? [] : within(a, b - 1n));
        expect(map.scan(ctx, { after: a, reverse, limit })).toEqual(reverse ? within(0n, a - 1n) : within(a + 1n, 99n));
      }),
    );
  });

  test("writes during a walk do not show in what was scanned", () => {
    const map = build();
    const ctx = execCtx();
    for (let i = 0n; i < 5n; i++) map.set(ctx, i, 1n);
    const seen = map.keys(ctx);
    for (const key of seen) {
      map.remove(ctx, key);
      map.set(ctx, key + 10n, 1n);
    }
    expect(map.keys(ctx)).toEqual([10n, 11n, 12n, 13n, 14n]);
  });
});

describe("collections of one store", () => {
  const s = new StateSchema("vault");
  const item = s.item(0, "item", CoinSchema);
  const owned = s.map(1, "owned", k.tuple<readonly [string, string]>(k.str, k.str), v.u64);
  const coins = s.indexedMap(2, "coins", k.u64, CoinSchema, (multi) => ({
    byDenom: multi(3, k.str, (coin) => (coin.denom === "hidden" ? undefined : coin.denom)),
  }));
  const ids = s.sequence(4, "ids");
  const flags = s.keySet(5, "flags", k.u64);
  const coin = (denom: string, amount: string) => create(CoinSchema, { denom, amount });
  let ctx: ExecCtx;
  beforeEach(() => {
    ctx = execCtx();
  });

  test("absence: find gives undefined, get throws NotFound", () => {
    expect(item.find(ctx)).toBeUndefined();
    expect(() => item.get(ctx)).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
    expect(() => owned.get(ctx, ["a", "b"])).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
  });

  test("a message of defaults is stored as something", () => {
    item.set(ctx, create(CoinSchema, {}));
    expect(item.find(ctx)).toEqual(create(CoinSchema, {}));
  });

  test("collections do not see each other", () => {
    item.set(ctx, coin("x", "1"));
    owned.set(ctx, ["a", "b"], 1n);
    coins.set(ctx, 1n, coin("x", "1"));
    flags.add(ctx, 7n);
    expect(owned.keys(ctx)).toEqual([["a", "b"]]);
    expect(coins.keys(ctx)).toEqual([1n]);
    expect(flags.scan(ctx)).toEqual([7n]);
  });

  test("sequences start at 1 and continue where they are set", () => {
    expect([ids.peek(ctx), ids.next(ctx), ids.next(ctx), ids.peek(ctx)]).toEqual([1n, 1n, 2n, 3n]);
    ids.set(ctx, 9n);
    expect(ids.next(ctx)).toBe(9n);
  });

  test("an index follows every change of its map", () => {
    coins.set(ctx, 1n, coin("a", "1"));
    coins.set(ctx, 2n, coin("a", "2"));
    coins.set(ctx, 3n, coin("hidden", "3"));
    expect(coins.by.byDenom.scan(ctx, { at: "a" })).toEqual([1n, 2n]);
    coins.set(ctx, 1n, coin("b", "1"));
    coins.remove(ctx, 2n);
    coins.set(ctx, 3n, coin("b", "3"));
    expect(coins.by.byDenom.entries(ctx)).toEqual([["b", 1n], ["b", 3n]]);
    coins.remove(ctx, 99n);
    expect(coins.by.byDenom.scan(ctx, { endInclusive: "b" })).toEqual([1n, 3n]);
    expect(coins.by.byDenom.scan(ctx, { endInclusive: "a" })).toEqual([]);
  });

  test("an index agrees with its map after any history", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt(0n, 6n), fc.constantFrom("a", "b", "hidden", undefined)), { maxLength: 30 }), (history) => {
        const fresh = execCtx();
        for (const [key, denom] of history) {
          if (denom === undefined) coins.remove(fresh, key);
          else coins.set(fresh, key, coin(denom, "1"));
        }
        const listed = coins.scan(fresh).filter(([, each]) => each.denom !== "hidden").map(([key, each]) => `${each.denom} ${key}`);
        expect(coins.by.byDenom.entries(fresh).map(([denom, key]) => `${denom} ${key}`)).toEqual(listed.sort());
      }),
    );
  });

  test("a prefix scan stays in its prefix, whatever the bounds say", () => {
    for (const owner of ["a", "b", "c"]) for (const name of ["x", "y"]) owned.set(ctx, [owner, name], 1n);
    expect(owned.keys(ctx, { prefix: ["b"] })).toEqual([["b", "x"], ["b", "y"]]);
    expect(owned.keys(ctx, { prefix: ["b"], after: ["a", "x"] })).toEqual([["b", "x"], ["b", "y"]]);
    expect(owned.keys(ctx, { prefix: ["b"], after: ["c", "y"], reverse: true })).toEqual([["b", "y"], ["b", "x"]]);
    expect(owned.keys(ctx, { prefix: ["b"], after: ["c", "x"] })).toEqual([]);
    expect(owned.keys(ctx, { prefix: ["b"], start: ["a", "x"], endInclusive: ["c", "y"] })).toEqual([["b", "x"], ["b", "y"]]);
  });

  test("pages: a walk by tokens meets every key once; a forged token is refused", () => {
    for (let i = 0n; i < 7n; i++) flags.add(ctx, i);
    const page = (key: Uint8Array) =>
      pageOf({ $typeName: "cosmos.base.query.v1beta1.PageRequest", key, offset: 0n, limit: 3n, countTotal: false, reverse: false }, k.u64, (bounds) => flags.scan(ctx, bounds), (each) => each);
    const walked: bigint[] = [];
    let token: Uint8Array = new Uint8Array(0);
    do {
      const { items, pagination } = page(token);
      walked.push(...items);
      token = pagination.nextKey as Uint8Array;
    } while (token.length > 0);
    expect(walked).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
    expect(() => page(Uint8Array.of(1, 2, 3))).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });

  test.each([
    ["the same prefix", (schema: StateSchema) => schema.sequence(0, "other")],
    ["the same name", (schema: StateSchema) => schema.sequence(9, "first")],
    ["a prefix over a byte", (schema: StateSchema) => schema.sequence(256, "other")],
    ["an index on a taken prefix", (schema: StateSchema) => schema.indexedMap(1, "m", k.u64, CoinSchema, (multi) => ({ x: multi(0, k.str, (each) => each.denom) }))],
  ])("%s is refused at construction", (_name, declare) => {
    const schema = new StateSchema("vault");
    schema.sequence(0, "first");
    expect(() => declare(schema)).toThrow(/vault/);
  });
});

test("state shared between contexts lasts; a fresh context is empty", () => {
  const s = new StateSchema("vault");
  const ids = s.sequence(0, "ids");
  const state = testState();
  ids.next(execCtx({ state, height: 1n }));
  expect(ids.peek(execCtx({ state, height: 2n }))).toBe(2n);
  expect(ids.peek(execCtx())).toBe(1n);
});
