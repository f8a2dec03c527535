import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { type PageRequest, PageRequestSchema } from "nild/gen/cosmos/base/query/v1beta1/pagination_pb.js";
import { type ExecCtx, SdkError, StateSchema, k, pageOf, v } from "nild/sdk";
import { execCtx } from "nild/testing";

type Fields = Exclude<MessageInitShape<typeof PageRequestSchema>, PageRequest>;

const entries = new StateSchema("test").map(0, "entries", k.u64, v.u64);

function withEntries(count: number): ExecCtx {
  const ctx = execCtx();
  for (let i = 0; i < count; i++) entries.set(ctx, BigInt(i), 1n);
  return ctx;
}

function page(ctx: ExecCtx, fields: Fields = {}): { items: bigint[]; nextKey: Uint8Array } {
  const request = create(PageRequestSchema, fields);
  const { items, pagination } = pageOf(request, k.u64, (bounds) => entries.keys(ctx, bounds), (key) => key);
  return { items, nextKey: pagination.nextKey! };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
  return "ok";
}

describe("a page", () => {
  it.each([1n, 2n, 3n, 7n, 8n])("of %i leads through the whole list, in both directions", (limit) => {
    const ctx = withEntries(7);
    for (const reverse of [false, true]) {
      const seen: bigint[] = [];
      let key: Uint8Array = new Uint8Array(0);
      do {
        const { items, nextKey } = page(ctx, { key, limit, reverse });
        expect(items.length).toBeLessThanOrEqual(Number(limit));
        seen.push(...items);
        key = nextKey;
      } while (key.length > 0);
      const all = Array.from({ length: 7 }, (_, i) => BigInt(i));
      expect(seen).toEqual(reverse ? all.reverse() : all);
    }
  });

  it("holds 100 entries unless asked for more, and never over 1,000", () => {
    const ctx = withEntries(1_050);
    expect(page(ctx).items).toHaveLength(100);
    expect(page(ctx, { limit: (1n << 64n) - 1n }).items).toHaveLength(1_000);
    expect(pageOf(undefined, k.u64, (bounds) => entries.keys(ctx, bounds), (key) => key).items).toHaveLength(100);
  });

  it("starts at an offset and goes on by key", () => {
    const ctx = withEntries(5);
    const first = page(ctx, { offset: 2n, limit: 2n });
    expect(first.items).toEqual([2n, 3n]);
    expect(page(ctx, { key: first.nextKey, limit: 2n }).items).toEqual([4n]);
    expect(page(ctx, { offset: 5n }).items).toEqual([]);
  });

  it.each<[string, Fields, string]>([
    ["key and offset", { key: new Uint8Array(8), offset: 1n }, "sdk/18"],
    ["a short key", { key: new Uint8Array(7) }, "sdk/18"],
    ["a long key", { key: new Uint8Array(9) }, "sdk/18"],
    ["an offset that would read the whole list", { offset: 10_001n }, "sdk/18"],
    ["a total", { countTotal: true }, "sdk/37"],
  ])("is refused with %s", (_, fields, code) => {
    expect(codeOf(() => page(withEntries(3), fields))).toBe(code);
  });
});
