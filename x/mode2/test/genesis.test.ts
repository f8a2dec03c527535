import { create } from "@bufbuild/protobuf";
import { MsgUpdateParamsSchema } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { RepairCause, type Slot, SlotStatus, type Snapshot, SnapshotSchema, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { AUTHORITY, MDU, STRANGER, World, codeOf, point } from "../../deal/test/world.js";
import { DEFAULT_PARAMS } from "../params.js";

interface Genesis {
  params: object;
  volumes: Volume[];
  repairs: { spareSlots: number; dealId: bigint; slot: number }[];
  jailed: { provider: string; nextDealId: bigint }[];
}

/** One deal with content: slot 0 with a candidate, slot 1 queued. */
function exported(): { world: World; genesis: Genesis } {
  const world = new World({ mode2: { params: { ...DEFAULT_PARAMS, maxRepairsPerEpoch: 1 } } }).withProviders(9);
  const dealId = world.openDeal();
  world.mustCommit(dealId, "a", MDU);
  world.must((ctx) => {
    world.mode2.api.startRepair(ctx, dealId, 0, RepairCause.EVICTED);
    world.mode2.api.startRepair(ctx, dealId, 1, RepairCause.EVICTED);
  });
  world.nextBlock();
  return { world, genesis: world.exportGenesis()["mode2"] as unknown as Genesis };
}

/** What a commit in this epoch would have saved of the volume, with changes. */
function snapshotOf({ generation, manifestRoot, totalMdus, sizeBytes }: Volume, change: Partial<Snapshot>): Snapshot {
  return create(SnapshotSchema, { epoch: 3n, generation, manifestRoot, totalMdus, sizeBytes, ...change });
}

function repairedAt({ slots }: Volume, generation: bigint): Slot[] {
  return slots.map((slot) => (slot.status === SlotStatus.REPAIRING ? { ...slot, repairGeneration: generation } : slot));
}

it("a provider that counts a slot of no volume breaks assignments_counted", () => {
  const world = new World().withProviders(1);
  const ctx = world.ctx();
  world.provider.api.assign(ctx, world.provider.api.candidateAt(ctx, 0), 0n);
  expect(world.mode2.parts.invariants["assignments_counted"]!(ctx)).toMatch(/counts 0 bytes in 1 slots, volumes give it 0 in 0/);
});

describe("genesis", () => {
  const withVolume = (genesis: Genesis, change: (volume: Volume) => Partial<Volume>): object => ({
    ...genesis,
    volumes: genesis.volumes.map((volume) => ({ ...volume, ...change(volume) })),
  });
  const withSlot = (genesis: Genesis, index: number, change: (slot: Slot) => Partial<Slot>): object =>
    withVolume(genesis, ({ slots }) => ({ slots: slots.map((slot) => (slot.slot === index ? { ...slot, ...change(slot) } : slot)) }));

  it.each<[string, (genesis: Genesis) => object]>([
    ["a volume twice", (g) => ({ ...g, volumes: [g.volumes[0], g.volumes[0]] })],
    ["deal 0", (g) => withVolume(g, () => ({ dealId: 0n }))],
    ["fewer slots than K+M", (g) => withVolume(g, ({ slots }) => ({ slots: slots.slice(1) }))],
    ["a slot out of place", (g) => withVolume(g, ({ slots }) => ({ slots: [...slots].reverse() }))],
    ["K that does not divide 64", (g) => withVolume(g, ({ profile }) => ({ profile: { ...profile!, k: 3 } }))],
    ["no profile", (g) => withVolume(g, () => ({ profile: undefined as never }))],
    ["a provider twice", (g) => withSlot(g, 2, () => ({ provider: g.volumes[0]!.slots[3]!.provider }))],
    ["a candidate that holds another slot", (g) => withSlot(g, 0, () => ({ candidate: g.volumes[0]!.slots[3]!.provider }))],
    ["a candidate of an ACTIVE slot", (g) => withSlot(g, 2, () => ({ candidate: STRANGER }))],
    ["a candidate without a deadline", (g) => withSlot(g, 0, () => ({ repairDeadlineHeight: 0n }))],
    ["a REPAIRING slot without a cause", (g) => withSlot(g, 0, () => ({ repairCause: RepairCause.UNSPECIFIED }))],
    ["more than M slots that repair", (g) => withSlot(g, 2, () => ({ status: SlotStatus.REPAIRING, repairCause: RepairCause.OWNER, repairGeneration: 1n, repairDeadlineHeight: 99n }))],
    ["an ACTIVE slot without a provider", (g) => withSlot(g, 2, () => ({ provider: "" }))],
    ["an unknown slot status", (g) => withSlot(g, 2, () => ({ status: 9 as SlotStatus }))],
    ["bytes that do not follow from the content", (g) => withSlot(g, 2, () => ({ heldBytes: 1n }))],
    ["a repair of another generation", (g) => withSlot(g, 0, () => ({ repairGeneration: 7n }))],
    ["W that does not follow from max_user_mdus", (g) => withVolume(g, () => ({ witnessMdus: 2n }))],
    ["max_user_mdus beyond a manifest", (g) => withVolume(g, () => ({ maxUserMdus: 1n << 60n }))],
    ["total_mdus that does not follow from the size", (g) => withVolume(g, () => ({ totalMdus: 4n }))],
    ["a size beyond any slab", (g) => withVolume(g, () => ({ sizeBytes: (1n << 64n) - 1n }))],
    ["a root of 47 bytes", (g) => withVolume(g, () => ({ manifestRoot: point("a").subarray(1) }))],
    ["a snapshot of the present generation", (g) => withVolume(g, (volume) => ({ snapshot: snapshotOf(volume, { generation: 1n }) }))],
    ["a snapshot whose total_mdus does not follow from its size", (g) => withVolume(g, (volume) => ({ generation: 2n, snapshot: snapshotOf(volume, { totalMdus: 99n }), slots: repairedAt(volume, 2n) }))],
    ["a snapshot without content", (g) => withVolume(g, (volume) => ({ generation: 2n, snapshot: snapshotOf(volume, { sizeBytes: 0n }), slots: repairedAt(volume, 2n) }))],
    ["content of generation 0", (g) => withVolume(g, () => ({ generation: 0n }))],
    ["a queued slot left out", (g) => ({ ...g, repairs: [] })],
    ["a queued slot twice", (g) => ({ ...g, repairs: [g.repairs[0], g.repairs[0]] })],
    ["an ACTIVE slot in the queue", (g) => ({ ...g, repairs: [...g.repairs, { ...g.repairs[0], slot: 2 }] })],
    ["a wrong place in the queue", (g) => ({ ...g, repairs: [{ ...g.repairs[0], spareSlots: 5 }] })],
    ["a jailed provider twice", (g) => ({ ...g, jailed: [0n, 1n].map((nextDealId) => ({ provider: STRANGER, nextDealId })) })],
  ])("is refused with %s", (_, broken) => {
    const { world, genesis } = exported();
    const code = (state: object): string => codeOf(world.act(() => world.mode2.parts.genesis.validate(state as never)));
    expect(code(genesis)).toBe("ok");
    expect(code(broken(genesis))).toBe("mode2/27");
  });

  it("restores the queue, the deadline and the holders from the slots", () => {
    const { world, genesis } = exported();
    expect(genesis.repairs).toEqual([expect.objectContaining({ spareSlots: 0, dealId: 1n, slot: 1 })]);
    const again = new World();
    const ctx = again.ctx();
    const all = world.exportGenesis();
    again.provider.parts.genesis.init(ctx, { ...all["provider"], providers: (all["provider"] as never as { providers: { bond: string }[] }).providers.map((p) => ({ ...p, bond: "0" })) } as never);
    again.mode2.parts.genesis.init(ctx, genesis as never);
    again.assertModule("mode2");
    expect(again.exportGenesis()["mode2"]).toEqual(genesis);
  });
});

describe("parameters", () => {
  it.each([
    ["a stranger", STRANGER, {}, "sdk/4"],
    ["K up to 17", AUTHORITY, { maxK: 17 }, "mode2/26"],
    ["33 slots", AUTHORITY, { maxSlots: 33 }, "mode2/26"],
    ["no slot per domain", AUTHORITY, { maxSlotsPerDomain: 0 }, "mode2/26"],
    ["no tries", AUTHORITY, { placementTries: 0 }, "mode2/26"],
    ["endless tries", AUTHORITY, { placementTries: 4_000_000_000 }, "mode2/26"],
    ["no time for a repair", AUTHORITY, { repairTimeoutBlocks: 0n }, "mode2/26"],
    ["no repairs", AUTHORITY, { maxRepairsPerEpoch: 0 }, "mode2/26"],
    ["queues that never move", AUTHORITY, { maxDuePerBlock: 0 }, "mode2/26"],
  ])("refuse an update by or with %s", (_, authority, change, code) => {
    const world = new World();
    expect(codeOf(world.send(world.mode2, "updateParams", MsgUpdateParamsSchema, { authority, params: { ...DEFAULT_PARAMS, ...change } }))).toBe(code);
  });
});
