import fc from "fast-check";
import { RepairCause, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Code } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { DEFAULT_PARAMS } from "../../mode2/params.js";
import { moduleAccount } from "./fake_bank.js";
import { MDU, World, codeOf, providerAddress } from "./world.js";

const PROVIDERS = 9;

type Step =
  | { do: "create"; duration: bigint }
  | { do: "commit"; deal: number; mdus: bigint; unacked: readonly number[] }
  | { do: "evict"; deal: number; slot: number }
  | { do: "prove"; deal: number; slot: number; holds: boolean }
  | { do: "slash"; provider: number }
  | { do: "wait"; blocks: number };

const deal = fc.nat(3);
const slot = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("create" as const), duration: fc.bigInt(100n, 160n) }),
  fc.record({ do: fc.constant("commit" as const), deal, mdus: fc.bigInt(1n, 3n), unacked: fc.uniqueArray(slot, { maxLength: 2 }) }),
  fc.record({ do: fc.constant("commit" as const), deal, mdus: fc.bigInt(1n, 3n), unacked: fc.constant([]) }),
  fc.record({ do: fc.constant("evict" as const), deal, slot }),
  fc.record({ do: fc.constant("prove" as const), deal, slot, holds: fc.boolean() }),
  fc.record({ do: fc.constant("prove" as const), deal, slot, holds: fc.constant(true) }),
  fc.record({ do: fc.constant("slash" as const), provider: fc.nat(PROVIDERS - 1) }),
  fc.record({ do: fc.constant("wait" as const), blocks: fc.integer({ min: 1, max: 40 }) }),
);

describe("the storage modules together", () => {
  it("keep every invariant under any order of requests, failures and time, and hold nothing once all deals have ended", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const params = { ...DEFAULT_PARAMS, repairTimeoutBlocks: 15n, repairTries: 2, maxDuePerBlock: 2, maxRepairsPerEpoch: 3 };
        const world = new World({ mode2: { params } }).withProviders(PROVIDERS);
        const supply = world.bank.supply(world.ctx());
        for (const each of steps) run(world, each);

        world.nextBlock(220);
        expect(Object.values(world.exportGenesis()).map((genesis) => (genesis as { accounts?: []; volumes?: []; deals?: [] }))).toEqual(
          expect.arrayContaining([expect.objectContaining({ accounts: [], marks: [] }), expect.objectContaining({ volumes: [], repairs: [] }), expect.objectContaining({ deals: [] })]),
        );
        expect(world.bank.balance(world.ctx(), moduleAccount("escrow"))).toBe(0n);
        expect(world.bank.supply(world.ctx())).toBe(supply);
        for (let i = 0; i < PROVIDERS; i++) {
          expect(world.provider.api.get(world.ctx(), providerAddress(i))).toMatchObject({ usedBytes: 0n, assignedSlots: 0 });
        }
      }),
      { numRuns: 15 },
    );
  });
});

/** Steps that the state does not allow are refused by a code; anything else that throws ends the test. */
function run(world: World, each: Step): void {
  if (each.do === "wait") return void world.nextBlock(each.blocks);
  if (each.do === "create") return void world.createDeal({ durationBlocks: each.duration, profile: { k: 2, m: 2, code: Code.GF256 } });
  if (each.do === "slash") return void world.must((ctx) => world.provider.api.slash(ctx, providerAddress(each.provider), 10n ** 10n, "test"));
  const dealId = BigInt(each.deal + 1);
  const volume = world.mode2.api.find(world.ctx(), dealId);
  if (!volume || volume.slots.length === 0) return;
  if (each.do === "evict") return void world.must((ctx) => world.mode2.api.startRepair(ctx, dealId, each.slot, RepairCause.EVICTED));
  if (each.do === "commit") {
    const acked = volume.slots.filter((s) => s.status === SlotStatus.ACTIVE && !each.unacked.includes(s.slot)).map((s) => s.slot);
    return void world.commit(world.content(dealId, `content ${world.height} ${each.mdus}`, each.mdus * MDU, acked));
  }
  const target = volume.slots[each.slot]!;
  if (target.status !== SlotStatus.REPAIRING || target.candidate === "") return;
  world.kzgHolds = each.holds;
  const code = codeOf(world.proveReadiness(world.readiness(dealId, each.slot)));
  // Its deadline may have passed in this very block, or its sender been jailed.
  expect(["ok", "mode2/16", "mode2/25"]).toContain(code);
}
