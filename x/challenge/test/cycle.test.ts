import fc from "fast-check";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { World, mutated, providerAddress } from "./world.js";

/*
 * The whole cycle against a plain model: providers answer on time, wrongly or not at all, slots are repaired and promoted,
 * deals grow and close. After every block the invariants hold (World), and the model knows every verdict.
 */

type Step =
  | { kind: "answer"; provider: number }
  | { kind: "cheat"; provider: number }
  | { kind: "promote"; deal: number; slot: number; provider: number }
  | { kind: "commit"; deal: number }
  | { kind: "close"; deal: number }
  | { kind: "open" }
  | { kind: "blocks"; count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("answer" as const), provider: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cheat" as const), provider: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("promote" as const), deal: fc.nat(5), slot: fc.nat(2), provider: fc.integer({ min: 3, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("commit" as const), deal: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), deal: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "open" as const }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("blocks" as const), count: fc.integer({ min: 1, max: 12 }) }) },
);

function take(world: World, next: Step, nextDeal: { id: bigint }): void {
  switch (next.kind) {
    case "blocks":
      world.toHeight(world.height + BigInt(next.count));
      return;
    case "open":
      world.openDeal(nextDeal.id, { endHeight: world.height + 60n });
      nextDeal.id += 1n;
      return;
    case "answer":
    case "cheat": {
      const provider = providerAddress(next.provider);
      const honest = world.answer(provider);
      if (honest.slots.length === 0) return;
      const msg = next.kind === "answer" ? honest : mutated(honest, (copy) => (copy.proof.groups[0]!.blobs[0]!.y = new Uint8Array(32)));
      const slashed = world.slashes.length;
      expect(world.prove(msg)).toBe(next.kind === "answer" ? "valid" : "invalid");
      // Never twice for one slot and due epoch.
      expect(world.prove(msg)).toBe("challenge/12");
      expect(world.slashes.length - slashed).toBe(next.kind === "answer" ? 0 : msg.slots.length);
      return;
    }
    default: {
      const dealId = BigInt(next.deal) + 1n;
      const volume = world.volumes.get(dealId);
      if (!volume || world.height > volume.endHeight) return;
      if (next.kind === "commit") world.commit(dealId);
      else if (next.kind === "close") {
        world.module.api.dealClosing(world.ctx(), { dealId });
        world.volumes.delete(dealId);
      } else if (volume.slots[next.slot]!.status === SlotStatus.REPAIRING) {
        world.change(dealId, next.slot, { provider: providerAddress(next.provider), status: SlotStatus.ACTIVE });
      }
    }
  }
}

test("random lives of deals and providers keep the invariants, and silence is never paid", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (steps, maxDuePerBlock) => {
      const world = new World({ maxDuePerBlock, healthMissing: 400, proofsPerEpoch: 12n });
      const nextDeal = { id: 1n };
      take(world, { kind: "open" }, nextDeal);
      for (const next of steps) take(world, next, nextDeal);
      // To the end of everything: nobody answers any more, nothing more is paid but what was answered before.
      world.toHeight(world.height + 30n);
      const paid = world.rent.filter((entry) => entry.startsWith("pay")).length;
      world.toHeight(world.height + 100n);
      expect(world.rent.filter((entry) => entry.startsWith("pay"))).toHaveLength(paid);
      // Every record is gone: the deals have ended or their slots wait for repair.
      expect((world.module.parts.genesis.export(world.ctx()) as { records: unknown[] }).records).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("a provider that always answers is paid at every verdict and stays healthy; a silent one is replaced", () => {
  const world = new World();
  world.openDeal(1n);
  const [honest, silent] = [providerAddress(0), providerAddress(1)];
  for (let epoch = 1n; epoch <= 20n; epoch++) {
    world.toEpoch(epoch);
    expect(world.prove(world.answer(honest))).toBe("valid");
  }
  world.toEpoch(21n);
  expect(world.rent.filter((entry) => entry === `pay 1/0 ${honest}`)).toHaveLength(20);
  expect(world.record(1n, 0)).toMatchObject({ health: 1_000, proofsVerified: 60n });
  expect(world.volumes.get(1n)!.slots[1]!.status).toBe(SlotStatus.REPAIRING);
  expect(world.rent.some((entry) => entry.startsWith("pay") && entry.endsWith(silent))).toBe(false);
  expect(world.slashes).toEqual([]);
});
