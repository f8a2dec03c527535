import { MsgUpdateParamsSchema } from "nild/gen/nil/escrow/v1/tx_pb.js";
import type { Account } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type SdkError, errorSet } from "nild/sdk";
import { moduleAccount } from "../../deal/test/fake_bank.js";
import { AUTHORITY, OWNER, RICH, STRANGER, World, codeOf, providerAddress } from "../../deal/test/world.js";
import type { FeeEnd } from "../api.js";
import { ESCROW_ERRORS } from "../errors.js";
import { DEFAULT_PARAMS } from "../params.js";
import { rentRate, splitFee, startedBlobs, storageCost } from "../pricing.js";

const err = errorSet("escrow", ESCROW_ERRORS);
const PARAMS = { ...DEFAULT_PARAMS, $typeName: "nil.escrow.v1.Params" as const };
const BLOB = 126_976n;
const PROVIDER = providerAddress(0);

/** An active account of deal 1: 2 slots, ends 100 blocks from height 1. */
function active(deposit = 10_000_000n, params: object = {}): World {
  const world = new World({ escrow: { params: { ...DEFAULT_PARAMS, storagePrice: "0.001", ...params } } });
  world.must((ctx) => {
    world.escrow.api.open(ctx, { dealId: 1n, owner: OWNER, amount: deposit });
    world.escrow.api.activate(ctx, 1n, { slots: 2, endHeight: 101n, maxMonthlySpend: 0n });
  });
  return world;
}

function accountOf(world: World): Account {
  return world.escrow.api.get(world.ctx(), 1n);
}

// The worked numbers of the README.
describe("prices", () => {
  it.each([
    [1n, 1n],
    [BLOB, 1n],
    [BLOB + 1n, 2n],
    [8_126_464n, 64n],
  ])("%i bytes are %i started blobs", (bytes, blobs) => expect(startedBlobs(bytes)).toBe(blobs));

  it("charges ceil(price · bytes · blocks)", () => {
    // 1 GiB = 8,457 started blobs: 10^-9 · 8,457 · 126,976 · 100,000 = 107,383.6032
    expect(storageCost(err, PARAMS, startedBlobs(1n << 30n), 100_000n)).toBe(107_384n);
    expect(storageCost(err, { ...PARAMS, storagePrice: "0" }, 64n, 100n)).toBe(0n);
    expect(storageCost(err, PARAMS, 1n, 1n)).toBe(1n);
  });

  it("refuses a size x price x duration over 256 bits", () => {
    expect(() => storageCost(err, { ...PARAMS, storagePrice: "99999999999999999999999999999999999999" }, 1n << 60n, 1n << 62n)).toThrow(expect.objectContaining({ code: 7 }));
  });

  it("streams no more than was paid", () => {
    expect(rentRate(100n, 3, 7n)).toBe(4_761_904_761_904_761_904n);
    expect(rentRate(100n, 3, 7n) * 21n).toBeLessThanOrEqual(100n * 10n ** 18n);
  });

  it("splits every fee from 0 to 10,000 into parts that sum to it", () => {
    for (const bps of [0, 1, 500, 9_999, 10_000]) {
      const params = { ...PARAMS, retrievalBurnBps: bps, unconfirmedBps: bps };
      for (let locked = 0n; locked <= 10_000n; locked += 7n) {
        for (const end of ["completed", "unconfirmed", "unproved"] satisfies FeeEnd[]) {
          const { paid, burned, returned } = splitFee(params, locked, end);
          expect(paid + burned + returned).toBe(locked);
          expect(paid < 0n || burned < 0n || returned < 0n).toBe(false);
        }
      }
    }
    expect(splitFee(PARAMS, 100n, "completed")).toEqual({ paid: 95n, burned: 5n, returned: 0n });
    expect(splitFee(PARAMS, 101n, "completed")).toEqual({ paid: 95n, burned: 6n, returned: 0n });
    expect(splitFee(PARAMS, 101n, "unconfirmed")).toEqual({ paid: 50n, burned: 51n, returned: 0n });
    expect(splitFee(PARAMS, 101n, "unproved")).toEqual({ paid: 0n, burned: 0n, returned: 101n });
  });
});

describe("an account", () => {
  it("holds deposit and fee until it is active, then the deposit", () => {
    const world = new World();
    world.must((ctx) => world.escrow.api.open(ctx, { dealId: 1n, owner: OWNER, amount: 5n }));
    expect(accountOf(world)).toMatchObject({ balance: "5", creationFee: "1000000" });
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - 1_000_005n);
    world.must((ctx) => world.escrow.api.activate(ctx, 1n, { slots: 2, endHeight: 9n, maxMonthlySpend: 7n }));
    expect(accountOf(world)).toMatchObject({ balance: "5", creationFee: "0", slots: 2, maxMonthlySpend: "7" });
    expect(world.bank.balance(world.ctx(), moduleAccount("fee_collector"))).toBe(1_000_000n);
  });

  it("gives the fee back when it never became active", () => {
    const world = new World();
    world.must((ctx) => world.escrow.api.open(ctx, { dealId: 1n, owner: OWNER, amount: 5n }));
    expect(world.must((ctx) => world.escrow.api.close(ctx, 1n))).toBe(1_000_005n);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH);
  });

  it("is not disturbed by coins sent straight to the module", () => {
    const world = active(5n);
    world.bank.mint(world.ctx(), moduleAccount("escrow"), 777n);
    expect(world.must((ctx) => world.escrow.api.close(ctx, 1n))).toBe(5n);
    expect(world.bank.balance(world.ctx(), moduleAccount("escrow"))).toBe(777n);
  });

  it.each<[string, string, (world: World, ctx: Parameters<Parameters<World["act"]>[0]>[0]) => unknown]>([
    ["opening twice", "escrow/3", (w, ctx) => w.escrow.api.open(ctx, { dealId: 1n, owner: OWNER, amount: 1n })],
    ["activating twice", "escrow/3", (w, ctx) => w.escrow.api.activate(ctx, 1n, { slots: 2, endHeight: 9n, maxMonthlySpend: 0n })],
    ["a deposit over the owner's balance", "sdk/5", (w, ctx) => w.escrow.api.open(ctx, { dealId: 2n, owner: OWNER, amount: RICH })],
    ["rent of an unknown deal", "escrow/2", (w, ctx) => w.escrow.api.fundRent(ctx, 9n, 1n)],
    ["rent over the balance", "escrow/4", (w, ctx) => w.escrow.api.fundRent(ctx, 1n, 1_000n * BLOB)],
    ["a fee of an unknown deal", "escrow/2", (w, ctx) => w.escrow.api.openFee(ctx, 9n, 1n, OWNER)],
    ["a session of no blobs", "escrow/8", (w, ctx) => w.escrow.api.openFee(ctx, 1n, 0n, OWNER)],
    ["a session of 2^64 - 1 blobs that nobody can pay", "escrow/4", (w, ctx) => w.escrow.api.openFee(ctx, 1n, (1n << 64n) - 1n, OWNER)],
    ["a session that an outsider cannot pay", "sdk/5", (w, ctx) => w.escrow.api.openFee(ctx, 1n, 1n, PROVIDER)],
    ["closing an unknown deal", "escrow/2", (w, ctx) => w.escrow.api.close(ctx, 9n)],
    ["starting a slot of an unknown deal", "escrow/2", (w, ctx) => w.escrow.api.startSlot(ctx, 9n, 0)],
  ])("refuses %s and burns nothing", (_, code, work) => {
    const world = active();
    const before = accountOf(world);
    expect(codeOf(world.act((ctx) => work(world, ctx)))).toBe(code);
    expect(accountOf(world)).toEqual(before);
    expect(world.bank.balance(world.ctx(), moduleAccount("burned"))).toBe(0n);
  });

  it("refuses rent before it is active", () => {
    const world = new World();
    world.must((ctx) => world.escrow.api.open(ctx, { dealId: 1n, owner: OWNER, amount: 5n }));
    expect(codeOf(world.act((ctx) => world.escrow.api.fundRent(ctx, 1n, 1n)))).toBe("escrow/9");
  });

  it("refuses to close while a fee is locked, and to close twice", () => {
    const world = active();
    const locked = world.must((ctx) => world.escrow.api.openFee(ctx, 1n, 3n, OWNER));
    expect(codeOf(world.act((ctx) => world.escrow.api.close(ctx, 1n)))).toBe("escrow/5");
    world.must((ctx) => world.escrow.api.settleFee(ctx, 1n, locked, { end: "unproved", provider: PROVIDER, opener: OWNER }));
    world.must((ctx) => world.escrow.api.close(ctx, 1n));
    expect(codeOf(world.act((ctx) => world.escrow.api.close(ctx, 1n)))).toBe("escrow/2");
  });
});

describe("rent", () => {
  it("is charged for started blobs above the high-water mark and the rest of the term only", () => {
    const world = active();
    // 0.001 · 2 · 126,976 · 100 = 25,395.2
    expect(world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 2n * BLOB))).toBe(25_396n);
    expect(world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 1n))).toBe(0n);
    expect(world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 2n * BLOB))).toBe(0n);
    world.height = 51n;
    // One blob for 50 blocks: 6,348.8
    expect(world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 2n * BLOB + 1n))).toBe(6_349n);
    expect(accountOf(world)).toMatchObject({ rentPool: "31745", paidBlobs: 3n });
  });

  it("quotes exactly what it charges", () => {
    const world = active();
    for (const [height, size] of [[1n, 1n], [33n, 7n * BLOB], [99n, 9n * BLOB + 5n]] as const) {
      world.height = height;
      const quote = world.escrow.api.quoteStorage(world.ctx(), 1n, size);
      expect(world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, size))).toBe(quote.amount);
    }
  });

  it("is not sold in the last block or later", () => {
    const world = active();
    for (const height of [101n, 102n]) {
      world.height = height;
      expect(codeOf(world.act((ctx) => world.escrow.api.fundRent(ctx, 1n, 1n)))).toBe("escrow/6");
      expect(codeOf(world.act((ctx) => world.escrow.api.quoteStorage(ctx, 1n, 1n)))).toBe("escrow/6");
    }
  });

  it("pays a slot by verdict, whole unil, the remainder carried, nothing after the end", () => {
    const world = active();
    world.must((ctx) => {
      world.escrow.api.fundRent(ctx, 1n, 2n * BLOB);
      world.escrow.api.startSlot(ctx, 1n, 0);
    });
    // 25,396 over 2 slots and 100 blocks = 126.98 per slot and block.
    const settle = (payTo?: string): bigint => world.must((ctx) => world.escrow.api.settleSlot(ctx, 1n, 0, payTo));
    expect(settle(PROVIDER)).toBe(0n);
    world.height = 2n;
    expect(settle(PROVIDER)).toBe(126n);
    expect(settle(PROVIDER)).toBe(0n);
    world.height = 3n;
    expect(settle(PROVIDER)).toBe(127n);
    world.height = 53n;
    const balance = BigInt(accountOf(world).balance);
    expect(settle()).toBe(6_349n);
    expect(BigInt(accountOf(world).balance)).toBe(balance + 6_349n);
    world.height = 1_000n;
    expect(settle(PROVIDER)).toBe(6_096n);
    expect(settle(PROVIDER)).toBe(0n);
    expect(world.bank.balance(world.ctx(), PROVIDER)).toBe(126n + 127n + 6_096n);
  });

  it("keeps what was earned at the old rate when a later commit raises it", () => {
    const world = active();
    world.must((ctx) => {
      world.escrow.api.fundRent(ctx, 1n, 2n * BLOB);
      world.escrow.api.startSlot(ctx, 1n, 0);
    });
    world.height = 51n;
    world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 3n * BLOB));
    world.height = 101n;
    // 100 blocks at 126.98 and 50 more at 63.49: 12,698 + 3,174.5
    expect(world.must((ctx) => world.escrow.api.settleSlot(ctx, 1n, 0, PROVIDER))).toBe(15_872n);
  });

  it("pays nothing to a slot that never started, and none for the time before it did", () => {
    const world = active();
    world.must((ctx) => world.escrow.api.fundRent(ctx, 1n, 2n * BLOB));
    world.height = 51n;
    expect(world.must((ctx) => world.escrow.api.settleSlot(ctx, 1n, 1, PROVIDER))).toBe(0n);
    world.must((ctx) => world.escrow.api.startSlot(ctx, 1n, 1));
    world.height = 52n;
    expect(world.must((ctx) => world.escrow.api.settleSlot(ctx, 1n, 1, PROVIDER))).toBe(126n);
  });
});

describe("retrieval fees", () => {
  it.each<[FeeEnd, bigint, bigint, bigint]>([
    ["completed", 285n, 15n, 0n],
    ["unconfirmed", 150n, 150n, 0n],
    ["unproved", 0n, 0n, 300n],
  ])("%s: %i paid, %i burned, %i returned of the owner's 300", (end, paid, burned, returned) => {
    const world = active();
    const quote = world.escrow.api.quoteRetrieval(world.ctx(), 3n, 1n);
    expect(quote).toEqual({ base: 1_000n, locked: 300n });
    expect(world.must((ctx) => world.escrow.api.openFee(ctx, 1n, 3n, OWNER))).toBe(300n);
    expect(accountOf(world)).toMatchObject({ balance: `${10_000_000n - 1_300n}`, locked: "300" });
    expect(world.must((ctx) => world.escrow.api.settleFee(ctx, 1n, 300n, { end, provider: PROVIDER, opener: OWNER }))).toEqual({ paid, burned, returned });
    expect(accountOf(world)).toMatchObject({ balance: `${10_000_000n - 1_300n + returned}`, locked: "0" });
    expect(world.bank.balance(world.ctx(), PROVIDER)).toBe(paid);
    expect(world.bank.balance(world.ctx(), moduleAccount("burned"))).toBe(1_000n + burned);
  });

  it("takes a stranger's fee from the stranger and gives an unproved one back there", () => {
    const world = active();
    const before = accountOf(world).balance;
    world.must((ctx) => world.escrow.api.openFee(ctx, 1n, 3n, STRANGER));
    expect(world.bank.balance(world.ctx(), STRANGER)).toBe(RICH - 1_300n);
    world.must((ctx) => world.escrow.api.settleFee(ctx, 1n, 300n, { end: "unproved", provider: PROVIDER, opener: STRANGER }));
    expect(world.bank.balance(world.ctx(), STRANGER)).toBe(RICH - 1_000n);
    expect(accountOf(world).balance).toBe(before);
  });

  it("quotes the sum of several sessions and refuses fewer blobs than sessions", () => {
    const world = active();
    expect(world.escrow.api.quoteRetrieval(world.ctx(), 64n, 8n)).toEqual({ base: 8_000n, locked: 6_400n });
    expect(codeOf(world.act((ctx) => world.escrow.api.quoteRetrieval(ctx, 7n, 8n)))).toBe("escrow/8");
    expect(codeOf(world.act((ctx) => world.escrow.api.quoteRetrieval(ctx, 1n << 255n, 1n)))).toBe("escrow/7");
    expect(codeOf(world.act((ctx) => world.escrow.api.quoteRetrieval(ctx, 1n, 0n)))).toBe("escrow/8");
  });
});

describe("parameters and genesis", () => {
  it.each([
    ["a stranger", STRANGER, {}, "sdk/4"],
    ["a price of 19 digits", AUTHORITY, { storagePrice: "0.0000000000000000001" }, "sdk/18"],
    ["a negative price", AUTHORITY, { storagePrice: "-1" }, "sdk/18"],
    ["a negative fee", AUTHORITY, { dealCreationFee: "-1" }, "sdk/10"],
    ["a burn over 100 %", AUTHORITY, { retrievalBurnBps: 10_001 }, "escrow/10"],
    ["an unconfirmed share over 100 %", AUTHORITY, { unconfirmedBps: 10_001 }, "escrow/10"],
    ["a month of 0", AUTHORITY, { monthBlocks: 0n }, "escrow/10"],
    ["a blob that pays its provider 0 by rounding", AUTHORITY, { retrievalPricePerBlob: "1", retrievalBurnBps: 1 }, "escrow/10"],
    ["a blob that is all burned", AUTHORITY, { retrievalBurnBps: 10_000 }, "escrow/10"],
    ["a free blob", AUTHORITY, { retrievalPricePerBlob: "0" }, "escrow/10"],
  ])("refuses %s", (_, authority, params, code) => {
    const world = new World();
    expect(codeOf(world.send(world.escrow, "updateParams", MsgUpdateParamsSchema, { authority, params: { ...DEFAULT_PARAMS, ...params } }))).toBe(code);
  });

  const exported = (): { world: World; genesis: { accounts: object[]; marks: object[]; totals: object } } => {
    const world = active();
    world.must((ctx) => {
      world.escrow.api.fundRent(ctx, 1n, 2n * BLOB);
      world.escrow.api.startSlot(ctx, 1n, 0);
      world.escrow.api.startSlot(ctx, 1n, 1);
      world.escrow.api.openFee(ctx, 1n, 3n, OWNER);
    });
    return { world, genesis: world.exportGenesis()["escrow"] as never };
  };
  type Genesis = ReturnType<typeof exported>["genesis"];

  it.each<[string, (genesis: Genesis) => object]>([
    ["an account twice", (g) => ({ ...g, accounts: [g.accounts[0], g.accounts[0]] })],
    ["totals that hold more", (g) => ({ ...g, totals: { ...g.totals, entered: "99999999999" } })],
    ["totals that hold less", (g) => ({ ...g, totals: { ...g.totals, burned: "5000" } })],
    ["a mark of an unknown deal", (g) => ({ ...g, marks: [{ ...g.marks[0], dealId: 9n }] })],
    ["a mark of a slot that is none", (g) => ({ ...g, marks: [{ ...g.marks[0], slot: 2 }] })],
    ["a mark twice", (g) => ({ ...g, marks: [g.marks[0], g.marks[0]] })],
    ["more rent promised than the pool has", (g) => ({ ...g, accounts: [{ ...g.accounts[0], rentRate: `${10n ** 24n}` }] })],
    ["deal 0", (g) => ({ ...g, accounts: [{ ...g.accounts[0], dealId: 0n }] })],
  ])("refuses a genesis with %s", (_, broken) => {
    const { world, genesis } = exported();
    const code = (state: object): string => codeOf(world.act(() => world.escrow.parts.genesis.validate(state as never)));
    expect(code(genesis)).toBe("ok");
    expect(code(broken(genesis))).toBe("escrow/11");
  });

  it("refuses a genesis whose coins the module does not hold", () => {
    let thrown: SdkError | undefined;
    try {
      new World({ escrow: exported().genesis });
    } catch (error) {
      thrown = error as SdkError;
    }
    expect(thrown).toMatchObject({ codespace: "escrow", code: 11 });
  });
});
