import fc from "fast-check";
import { moduleAccount } from "../../deal/test/fake_bank.js";
import { OWNER, RICH, STRANGER, World, providerAddress } from "../../deal/test/world.js";
import type { FeeEnd } from "../api.js";
import { DEFAULT_PARAMS } from "../params.js";

const SLOTS = 3;
const END = 60n;
const BLOB = 126_976n;

type Step =
  | { do: "wait"; blocks: bigint }
  | { do: "fund"; blobs: bigint }
  | { do: "start"; slot: number }
  | { do: "settle"; slot: number; pay: boolean }
  | { do: "open"; blobs: bigint; byOwner: boolean }
  | { do: "end"; end: FeeEnd };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("wait" as const), blocks: fc.bigInt(0n, 25n) }),
  fc.record({ do: fc.constant("fund" as const), blobs: fc.bigInt(0n, 40n) }),
  fc.record({ do: fc.constant("start" as const), slot: fc.nat(SLOTS - 1) }),
  fc.record({ do: fc.constant("settle" as const), slot: fc.nat(SLOTS - 1), pay: fc.boolean() }),
  fc.record({ do: fc.constant("open" as const), blobs: fc.bigInt(1n, 99n), byOwner: fc.boolean() }),
  fc.record({ do: fc.constant("end" as const), end: fc.constantFrom<FeeEnd>("completed", "unconfirmed", "unproved") }),
);

/** A plain account of what was charged, settled and locked, kept beside the module. */
class Model {
  rentFunded = 0n;
  rentPaid = 0n;
  highWater = 0n;
  readonly open: { locked: bigint; opener: string }[] = [];

  charge(blobs: bigint, remaining: bigint): bigint {
    const added = blobs > this.highWater ? blobs - this.highWater : 0n;
    this.highWater += added;
    // Price 0.37 unil per byte and block, rounded up.
    return (37n * added * BLOB * remaining + 99n) / 100n;
  }
}

describe("money in escrow", () => {
  it("is paid, burned, refunded or held under any order of operations, and rent never exceeds what was funded", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.bigInt(0n, 10n ** 10n), (steps, deposit) => {
        const world = new World({ escrow: { params: { ...DEFAULT_PARAMS, storagePrice: "0.37" } } });
        const { api } = world.escrow;
        const model = new Model();
        const supply = world.bank.supply(world.ctx());
        world.must((ctx) => {
          api.open(ctx, { dealId: 1n, owner: OWNER, amount: deposit });
          api.activate(ctx, 1n, { slots: SLOTS, endHeight: END, maxMonthlySpend: 0n });
        });
        for (const each of steps) run(world, model, each);

        // Sessions end, then the deal: nothing is left and nothing was made.
        while (model.open.length > 0) run(world, model, { do: "end", end: "unproved" });
        world.must((ctx) => api.close(ctx, 1n));
        expect(world.bank.balance(world.ctx(), moduleAccount("escrow"))).toBe(0n);
        expect(world.bank.supply(world.ctx())).toBe(supply);
        expect(model.rentPaid <= model.rentFunded).toBe(true);
        const paidOut = world.bank.balance(world.ctx(), providerAddress(0)) + world.bank.balance(world.ctx(), moduleAccount("fee_collector"));
        const owners = world.bank.balance(world.ctx(), OWNER) + world.bank.balance(world.ctx(), STRANGER);
        expect(paidOut + owners + world.bank.balance(world.ctx(), moduleAccount("burned"))).toBe(2n * RICH);
      }),
      { numRuns: 120 },
    );
  });
});

function run(world: World, model: Model, each: Step): void {
  const { api } = world.escrow;
  switch (each.do) {
    case "wait":
      world.height += each.blocks;
      break;
    case "fund": {
      const before = BigInt(api.get(world.ctx(), 1n).balance);
      const mark = model.highWater;
      const outcome = world.act((ctx) => api.fundRent(ctx, 1n, each.blobs * BLOB));
      const expected = world.height < END ? model.charge(each.blobs, END - world.height) : undefined;
      if (outcome.ok) {
        expect(outcome.value).toBe(expected);
        model.rentFunded += outcome.value;
      } else {
        expect(expected === undefined || expected > before).toBe(true);
        model.highWater = mark;
      }
      break;
    }
    case "start":
      world.must((ctx) => api.startSlot(ctx, 1n, each.slot));
      break;
    case "settle":
      model.rentPaid += world.must((ctx) => api.settleSlot(ctx, 1n, each.slot, each.pay ? providerAddress(0) : undefined));
      break;
    case "open": {
      const opener = each.byOwner ? OWNER : STRANGER;
      const outcome = world.act((ctx) => api.openFee(ctx, 1n, each.blobs, opener));
      if (outcome.ok) model.open.push({ locked: outcome.value, opener });
      break;
    }
    case "end": {
      const session = model.open.shift();
      if (session) world.must((ctx) => api.settleFee(ctx, 1n, session.locked, { end: each.end, provider: providerAddress(0), opener: session.opener }));
      break;
    }
  }
}
