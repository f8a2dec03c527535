import fc from "fast-check";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { Code } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { Capability } from "nild/gen/nil/provider/v1/types_pb.js";
import { sha256 } from "nild/sdk";
import { MDU, World, bytesOf, codeOf, indexOfProvider } from "../../deal/test/world.js";
import { DEFAULT_PARAMS } from "../params.js";

function holders(world: World, dealId: bigint): number[] {
  return world.volume(dealId).slots.map(({ provider }) => indexOfProvider(provider));
}

describe("placement", () => {
  it("follows the seed: this block's hash, deal, slot and try", () => {
    const world = new World().withProviders(8);
    const dealId = world.openDeal();
    const u64 = (value: bigint) => Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(56 - 8 * i)) & 0xffn));
    const taken = new Set<number>();
    const expected = Array.from({ length: 6 }, (_, slot) => {
      for (let attempt = 0n; ; attempt++) {
        const seed = sha256(concatBytes(utf8ToBytes("nil/place/v1"), bytesOf(`block ${world.height}`), u64(dealId), u64(BigInt(slot)), u64(attempt)));
        const index = Number(seed.subarray(0, 8).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % 8n);
        if (taken.has(index)) continue;
        taken.add(index);
        return indexOfProvider(world.provider.api.candidateAt(world.ctx(), index));
      }
    });
    expect(holders(world, dealId)).toEqual(expected);
  });

  it("finds the last eligible provider by its scan when no try hits it", () => {
    const world = new World({ mode2: { params: { ...DEFAULT_PARAMS, placementTries: 1 } } }).withProviders(6);
    expect(new Set(holders(world, world.openDeal())).size).toBe(6);
  });

  it.each([
    ["a provider that registered an epoch ago", (world: World) => world.nextBlock(10)],
    ["a provider that registered in this epoch", (_: World) => undefined],
  ])("does not draw %s", (_, wait) => {
    const world = new World().withProviders(5);
    world.register(5);
    wait(world);
    expect(codeOf(world.createDeal())).toBe("mode2/5");
    expect(world.provider.api.candidateCount(world.ctx())).toBe(6);
  });

  it.each([
    ["Hot", [Capability.GENERAL, Capability.EDGE]],
    ["Cold", [Capability.ARCHIVE, Capability.GENERAL]],
  ])("serves the hint %s with fitting capabilities only", (serviceHint, fitting) => {
    const kinds = [Capability.ARCHIVE, Capability.GENERAL, Capability.EDGE];
    const world = new World().withProviders(12, (i) => ({ capability: kinds[i % 3]! }));
    const dealId = world.openDeal({ serviceHint });
    for (const { provider } of world.volume(dealId).slots) expect(fitting).toContain(world.provider.api.get(world.ctx(), provider).capability);
  });

  it("passes over who lacks capacity or bond for the first MDU", () => {
    const small = (1n << 21n) - 1n;
    const world = new World().withProviders(9, (i) => (i < 2 ? { totalBytes: small } : i === 2 ? { bond: "1000000000" } : {}));
    expect(holders(world, world.openDeal()).every((i) => i > 2)).toBe(true);
    expect(codeOf(world.createDeal({ profile: { k: 4, m: 3, code: Code.GF256 } }))).toBe("mode2/5");
  });

  it("keeps the domain cap once the network is past its bootstrap, and refuses what cannot keep it", () => {
    const params = { ...DEFAULT_PARAMS, bootstrapProviders: 8, maxSlotsPerDomain: 2 };
    const domains = (count: number) => (i: number) => ({ failureDomain: { asn: `AS${i % count}`, region: "eu" } });
    const spread = new World({ mode2: { params } }).withProviders(9, domains(3));
    const dealId = spread.openDeal();
    const used = new Map<number, number>();
    for (const i of holders(spread, dealId)) used.set(i % 3, (used.get(i % 3) ?? 0) + 1);
    expect([...used.values()]).toEqual([2, 2, 2]);

    const clustered = new World({ mode2: { params } }).withProviders(9, domains(2));
    clustered.createDeal();
    expect(clustered.nextBlock()).toContain("EventDealFailed");

    const young = new World({ mode2: { params: { ...params, bootstrapProviders: 10 } } }).withProviders(9, domains(1));
    expect(holders(young, young.openDeal())).toHaveLength(6);
  });

  it("never lets a domain hold more than M slots, whatever the parameter says", () => {
    const params = { ...DEFAULT_PARAMS, bootstrapProviders: 0, maxSlotsPerDomain: 32 };
    const world = new World({ mode2: { params } }).withProviders(9, (i) => ({ failureDomain: { asn: `AS${i % 2}`, region: "" } }));
    world.createDeal({ profile: { k: 4, m: 1, code: Code.GF256 } });
    expect(world.nextBlock()).toContain("EventDealFailed");
  });

  it("draws distinct providers within the cap for any profile, or refuses", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 3, max: 14 }), fc.integer({ min: 1, max: 6 }), (k, m, count, domains) => {
        const params = { ...DEFAULT_PARAMS, bootstrapProviders: 0, maxSlotsPerDomain: 3 };
        const world = new World({ mode2: { params } }).withProviders(count, (i) => ({ failureDomain: { asn: `AS${i % domains}`, region: "" } }));
        const created = world.createDeal({ profile: { k, m, code: Code.GF256 } });
        world.nextBlock();
        const volume = created.ok ? world.mode2.api.find(world.ctx(), 1n) : undefined;
        const cap = Math.min(3, m);
        const possible = Array.from({ length: domains }, (_, d) => Math.min(cap, Math.ceil((count - d) / domains))).reduce((a, b) => a + Math.max(0, b), 0);
        expect(volume !== undefined).toBe(possible >= k + m);
        if (!volume) return;
        const drawn = volume.slots.map(({ provider }) => indexOfProvider(provider));
        expect(new Set(drawn).size).toBe(k + m);
        for (let d = 0; d < domains; d++) expect(drawn.filter((i) => i % domains === d).length).toBeLessThanOrEqual(cap);
      }),
      { numRuns: 40 },
    );
  });

  it("counts slots and bytes against their providers and lets them go at the end", () => {
    const world = new World().withProviders(6);
    const dealId = world.openDeal({ durationBlocks: 100n });
    const [provider] = world.volume(dealId).slots.map((slot) => slot.provider);
    expect(world.provider.api.get(world.ctx(), provider!)).toMatchObject({ assignedSlots: 1, usedBytes: 0n });
    world.mustCommit(dealId, "a", 2n * MDU);
    // 2 user MDUs · 16 rows · 131,072 bytes
    expect(world.provider.api.get(world.ctx(), provider!).usedBytes).toBe(4_194_304n);
    world.nextBlock(101);
    expect(world.provider.api.get(world.ctx(), provider!)).toMatchObject({ assignedSlots: 0, usedBytes: 0n });
  });
});
