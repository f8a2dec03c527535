import { RepairCause, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { MsgProveReadinessSchema } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { QueryAssignmentsRequestSchema, QueryReadinessRequestSchema } from "nild/gen/nil/mode2/v1/query_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { type Fields, MDU, STRANGER, World, codeOf, point } from "../../deal/test/world.js";
import { DEFAULT_PARAMS } from "../params.js";

type Proof = Fields<typeof MsgProveReadinessSchema>;

/** A 4+2 deal with content among so many providers. */
function stored(providers = 8, params: object = {}): { world: World; dealId: bigint } {
  const world = new World({ mode2: { params: { ...DEFAULT_PARAMS, ...params } } }).withProviders(providers);
  const dealId = world.openDeal();
  world.mustCommit(dealId, "a");
  world.slotChanges.length = 0;
  return { world, dealId };
}

function evict(world: World, dealId: bigint, slot: number): void {
  world.must((ctx) => world.mode2.api.startRepair(ctx, dealId, slot, RepairCause.EVICTED));
}

/** Evicts slot 0 and draws its candidate. */
function repairing(providers = 8, params: object = {}): { world: World; dealId: bigint; old: string; candidate: string } {
  const { world, dealId } = stored(providers, params);
  const old = world.slot(dealId, 0).provider;
  evict(world, dealId, 0);
  world.nextBlock();
  return { world, dealId, old, candidate: world.slot(dealId, 0).candidate };
}

describe("a repair", () => {
  it("takes the slot from its provider at once and draws a candidate outside the deal", () => {
    const { world, dealId } = stored();
    const { provider } = world.slot(dealId, 0);
    evict(world, dealId, 0);
    expect(world.slotChanges).toEqual([
      { dealId, slot: 0, before: { provider, status: SlotStatus.ACTIVE }, after: { provider, status: SlotStatus.REPAIRING }, hasContent: true },
    ]);
    expect(world.slot(dealId, 0)).toMatchObject({ status: SlotStatus.REPAIRING, candidate: "", repairCause: RepairCause.EVICTED });
    const before = world.height;
    expect(world.nextBlock()).toContain("EventCandidateDrawn");
    const { candidate, repairDeadlineHeight, repairTries } = world.slot(dealId, 0);
    expect(world.volume(dealId).slots.map((slot) => slot.provider)).not.toContain(candidate);
    expect([repairDeadlineHeight, repairTries]).toEqual([before + 200n, 1]);
    expect(world.provider.api.get(world.ctx(), candidate)).toMatchObject({ usedBytes: 2_097_152n, assignedSlots: 1 });
    expect(world.provider.api.get(world.ctx(), provider)).toMatchObject({ usedBytes: 2_097_152n, assignedSlots: 1 });
  });

  it("promotes the candidate by its proof: bytes move, the listeners hear first, challenges begin with the next epoch", () => {
    const { world, dealId, old, candidate } = repairing();
    world.slotChanges.length = 0;
    const msg = world.readiness(dealId, 0);
    const proved = world.proveReadiness(msg);
    expect(proved.ok && proved.value).toEqual({ valid: true });
    expect(world.slotChanges).toEqual([
      { dealId, slot: 0, before: { provider: old, status: SlotStatus.REPAIRING }, after: { provider: candidate, status: SlotStatus.ACTIVE }, hasContent: true },
    ]);
    expect(world.slot(dealId, 0)).toMatchObject({
      provider: candidate,
      status: SlotStatus.ACTIVE,
      candidate: "",
      repairCause: RepairCause.UNSPECIFIED,
      repairDeadlineHeight: 0n,
      repairTries: 0,
      challengedFromEpoch: (world.height - 1n) / 10n + 1n,
    });
    expect(world.provider.api.get(world.ctx(), old)).toMatchObject({ usedBytes: 0n, assignedSlots: 0 });
    expect(codeOf(world.proveReadiness(msg))).toBe("mode2/16");
  });

  it("of an empty volume asks for no proof", () => {
    const world = new World().withProviders(8);
    const dealId = world.openDeal();
    const { provider } = world.slot(dealId, 3);
    evict(world, dealId, 3);
    expect(world.slotChanges.at(-1)).toMatchObject({ slot: 3, hasContent: false });
    world.nextBlock();
    expect(world.slot(dealId, 3).status).toBe(SlotStatus.ACTIVE);
    expect(world.slot(dealId, 3).provider).not.toBe(provider);
    world.mustCommit(dealId, "a");
  });

  it("does not start for a slot that repairs already, is none, or when M others repair", () => {
    const { world, dealId } = repairing();
    const before = world.slot(dealId, 0);
    evict(world, dealId, 0);
    evict(world, dealId, 99);
    expect(world.slot(dealId, 0)).toEqual(before);
    evict(world, dealId, 1);
    evict(world, dealId, 2);
    expect([1, 2].map((slot) => world.slot(dealId, slot).status)).toEqual([SlotStatus.REPAIRING, SlotStatus.ACTIVE]);
    expect(codeOf(world.act((ctx) => world.mode2.api.startRepair(ctx, 99n, 0, RepairCause.EVICTED)))).toBe("mode2/2");
  });

  it("blocks commits", () => {
    const { world, dealId } = repairing();
    expect(codeOf(world.commit(world.content(dealId, "b", MDU, [1, 2, 3, 4, 5])))).toBe("mode2/12");
  });

  it("waits while nobody is eligible, without using up its tries", () => {
    const { world, dealId } = stored(6);
    evict(world, dealId, 0);
    expect(world.nextBlock()).toContain("EventPlacementFailed");
    expect(world.slot(dealId, 0)).toMatchObject({ status: SlotStatus.REPAIRING, candidate: "", repairTries: 0 });
    world.register(6);
    world.nextBlock(202);
    expect(world.slot(dealId, 0)).toMatchObject({ candidate: world.provider.api.candidateAt(world.ctx(), 6), repairTries: 1 });
  });

  it("of an empty slot that nobody can take ends, so that the deal gets its content with the others", () => {
    const world = new World({ mode2: { params: { ...DEFAULT_PARAMS, repairTimeoutBlocks: 5n, repairTries: 2 } } }).withProviders(6);
    const dealId = world.openDeal();
    const { provider } = world.slot(dealId, 3);
    evict(world, dealId, 3);
    world.nextBlock();
    expect(codeOf(world.commit(world.content(dealId, "a", MDU, [0, 1, 2, 4, 5])))).toBe("mode2/12");
    world.nextBlock(20);
    expect(world.slot(dealId, 3)).toMatchObject({ status: SlotStatus.VACANT, provider: "" });
    expect(world.provider.api.get(world.ctx(), provider)).toMatchObject({ assignedSlots: 0 });
    world.mustCommit(dealId, "a", MDU, [0, 1, 2, 4, 5]);
  });

  it("is cleaned up when the deal ends", () => {
    const { world, dealId, candidate } = repairing();
    const { endHeight } = world.volume(dealId);
    world.nextBlock(Number(endHeight + 1n - world.height));
    expect(world.mode2.api.find(world.ctx(), dealId)).toBeUndefined();
    expect(world.provider.api.get(world.ctx(), candidate)).toMatchObject({ usedBytes: 0n, assignedSlots: 0 });
  });
});

describe("candidates that fail", () => {
  it("are replaced one block after the deadline, in which a proof still counts", () => {
    const { world, dealId, candidate } = repairing(10);
    const { repairDeadlineHeight } = world.slot(dealId, 0);
    world.nextBlock(Number(repairDeadlineHeight - world.height));
    expect(world.slot(dealId, 0).candidate).toBe(candidate);
    const inTime = world.ctx().isolated((ctx) => {
      const msg = world.readiness(dealId, 0);
      return world.mode2.parts.msgs["proveReadiness"]!(ctx, msg as never);
    });
    expect(codeOf(inTime)).toBe("ok");
  });

  it("cannot prove after the deadline", () => {
    const { world, dealId } = repairing(10);
    const { repairDeadlineHeight } = world.slot(dealId, 0);
    world.nextBlock(Number(repairDeadlineHeight + 1n - world.height));
    expect(codeOf(world.proveReadiness(world.readiness(dealId, 0)))).toBe("mode2/25");
    world.nextBlock();
    expect(world.slot(dealId, 0)).toMatchObject({ status: SlotStatus.REPAIRING, repairTries: 2 });
  });

  it("are dropped by a false proof, which succeeds as a message, and release their bytes", () => {
    const { world, dealId, candidate } = repairing(7);
    world.kzgHolds = false;
    const proved = world.proveReadiness(world.readiness(dealId, 0));
    expect(proved.ok && proved.value).toEqual({ valid: false });
    expect(world.slot(dealId, 0)).toMatchObject({ status: SlotStatus.REPAIRING, candidate: "" });
    expect(world.provider.api.get(world.ctx(), candidate)).toMatchObject({ usedBytes: 0n, assignedSlots: 0, slashed: "0" });
    world.nextBlock();
    expect(world.slot(dealId, 0)).toMatchObject({ repairTries: 2 });
  });

  it("leave the slot VACANT after repair_tries, its old provider free, and commits go on without it", () => {
    const { world, dealId, old } = repairing(8, { repairTries: 3 });
    world.kzgHolds = false;
    for (let i = 0; i < 3; i++) {
      expect(codeOf(world.proveReadiness(world.readiness(dealId, 0)))).toBe("ok");
      world.nextBlock();
    }
    expect(world.slot(dealId, 0)).toMatchObject({ status: SlotStatus.VACANT, provider: "", candidate: "", heldBytes: 0n });
    expect(world.slotChanges.at(-1)).toMatchObject({ before: { provider: old }, after: { provider: "", status: SlotStatus.VACANT } });
    expect(world.provider.api.get(world.ctx(), old)).toMatchObject({ usedBytes: 0n, assignedSlots: 0 });
    world.nextBlock(300);
    expect(world.slot(dealId, 0).status).toBe(SlotStatus.VACANT);
    world.mustCommit(dealId, "b", MDU, [1, 2, 3, 4, 5]);
  });

  it("include a slot's own provider that does not catch up: others are drawn after it", () => {
    const world = new World().withProviders(8);
    const dealId = world.openDeal();
    world.mustCommit(dealId, "a", MDU, [1, 2, 3, 4, 5]);
    const { provider } = world.slot(dealId, 0);
    world.nextBlock(202);
    const { candidate } = world.slot(dealId, 0);
    expect(candidate).not.toBe("");
    expect(candidate).not.toBe(provider);
    world.proveReadiness(world.readiness(dealId, 0));
    expect(world.slot(dealId, 0).provider).toBe(candidate);
    expect(world.provider.api.get(world.ctx(), provider).assignedSlots).toBe(0);
  });
});

describe("a proof of readiness", () => {
  const group = (msg: Proof): { manifestRoot: Uint8Array; blobs: { mduIndex: number; leafIndex: number; leafCount: number; commitment: Uint8Array; merklePath: Uint8Array[] }[] } =>
    (msg.proof as unknown as { groups: never[] }).groups[0]!;

  it("opens 8 payload positions of the candidate's own and one of metadata", () => {
    const { world, dealId } = repairing();
    const task = world.query(world.mode2, "readiness", QueryReadinessRequestSchema, { dealId, slot: 0 }) as unknown as { positions: { mduIndex: number; leafIndex: number }[] };
    expect(task.positions).toHaveLength(9);
    expect(new Set(task.positions.map(({ mduIndex, leafIndex }) => `${mduIndex}/${leafIndex}`)).size).toBe(9);
    for (const { mduIndex, leafIndex } of task.positions.slice(0, 8)) {
      expect(mduIndex).toBe(2);
      expect(leafIndex).toBeLessThan(16);
    }
    expect(task.positions[8]!.mduIndex).toBeLessThan(2);
  });

  it("of a slot whose content is all zero opens metadata alone", () => {
    const world = new World().withProviders(6);
    const dealId = world.openDeal();
    world.mustCommit(dealId, "one byte", 1n, [0, 1, 2, 4, 5]);
    expect(group(world.readiness(dealId, 3)).blobs).toHaveLength(1);
    expect(codeOf(world.proveReadiness(world.readiness(dealId, 3)))).toBe("ok");
  });

  it("may use the beacon of the epoch before", () => {
    const { world, dealId } = repairing();
    const msg = world.readiness(dealId, 0);
    world.nextEpoch();
    expect(codeOf(world.proveReadiness(msg))).toBe("ok");
  });

  it.each<[string, (msg: Proof, world: World) => object, string]>([
    ["a stranger", () => ({ provider: STRANGER }), "mode2/16"],
    ["the old provider", (msg, world) => ({ provider: world.slot(msg.dealId!, 0).provider }), "mode2/16"],
    ["the candidate of another slot", () => ({ slot: 1 }), "mode2/16"],
    ["a slot that is none", () => ({ slot: 6 }), "mode2/16"],
    ["an unknown deal", () => ({ dealId: 9n }), "mode2/2"],
    ["an older generation", () => ({ generation: 0n }), "mode2/17"],
    ["a later generation", () => ({ generation: 2n }), "mode2/17"],
    ["the next epoch", (msg) => ({ epoch: msg.epoch! + 1n }), "mode2/18"],
    ["epoch 2^64 - 1", () => ({ epoch: (1n << 64n) - 1n }), "mode2/18"],
    ["another epoch's point", (msg) => ({ epoch: msg.epoch! - 1n }), "mode2/19"],
    ["no proof", () => ({ proof: undefined }), "mode2/23"],
    ["no groups", (msg) => ({ proof: { ...msg.proof!, groups: [] } }), "mode2/23"],
    ["two groups", (msg) => ({ proof: { ...msg.proof!, groups: [group(msg), group(msg)] } }), "mode2/23"],
    ["no blobs", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: [] }] } }), "mode2/23"],
    ["ten blobs", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: Array.from({ length: 10 }, () => group(msg).blobs[0]!) }] } }), "mode2/23"],
    ["a proof point of 47 bytes", (msg) => ({ proof: { ...msg.proof!, proof: new Uint8Array(47) } }), "mode2/23"],
    ["a proof point with bad flags", (msg) => ({ proof: { ...msg.proof!, proof: new Uint8Array(48) } }), "mode2/23"],
    ["z over the field's order", (msg) => ({ proof: { ...msg.proof!, z: new Uint8Array(32).fill(0xff) } }), "mode2/23"],
    ["infinity as root", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), manifestRoot: Uint8Array.of(0xc0, ...new Uint8Array(47)) }] } }), "mode2/23"],
    ["another root", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), manifestRoot: point("b") }] } }), "mode2/20"],
    ["a position missing", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: group(msg).blobs.slice(1) }] } }), "mode2/21"],
    ["positions swapped", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: [...group(msg).blobs].reverse() }] } }), "mode2/21"],
    ["another slot's leaf", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: group(msg).blobs.map((blob) => ({ ...blob, leafIndex: blob.leafIndex + 16 })) }] } }), "mode2/21"],
    ["the wrong tree size", (msg) => ({ proof: { ...msg.proof!, groups: [{ ...group(msg), blobs: group(msg).blobs.map((blob) => ({ ...blob, leafCount: 64 })) }] } }), "mode2/22"],
  ])("is refused from or with %s, and nothing changes", (_, broken, code) => {
    const { world, dealId } = repairing();
    const msg = world.readiness(dealId, 0);
    const before = world.volume(dealId);
    expect(codeOf(world.proveReadiness({ ...msg, ...broken(msg, world) } as Proof))).toBe(code);
    expect(world.volume(dealId)).toEqual(before);
  });

  it("is refused from a candidate that was jailed meanwhile", () => {
    const { world, dealId, candidate } = repairing();
    world.must((ctx) => world.provider.api.slash(ctx, candidate, 10n ** 10n, "test"));
    expect(codeOf(world.proveReadiness(world.readiness(dealId, 0)))).toBe("mode2/16");
    world.nextBlock();
    expect(world.slot(dealId, 0).candidate).not.toBe(candidate);
  });

  it("is stopped by gas before its pairings when the limit is short", () => {
    const { world, dealId } = repairing();
    const msg = world.readiness(dealId, 0);
    const run = (gas: bigint) => world.ctx(gas).isolated((ctx) => world.mode2.parts.msgs["proveReadiness"]!(ctx, msg as never));
    world.kzgHolds = false;
    expect(codeOf(run(11_000_000n))).toBe("sdk/11");
    expect(codeOf(run(12_000_000n))).toBe("ok");
  });
});

describe("queues", () => {
  it("draw for the deals with the fewest spare slots first, within the epoch's budget", () => {
    const { world } = stored(14, { maxRepairsPerEpoch: 1 });
    const poorer = world.openDeal();
    world.mustCommit(poorer, "b", MDU);
    evict(world, 1n, 0);
    evict(world, poorer, 0);
    evict(world, poorer, 1);
    // Deal 1 has one slot to spare, the other none; its first slot was queued when it still had one.
    const drawn = (): string[] => ([[1n, 0], [poorer, 0], [poorer, 1]] as const).filter(([id, slot]) => world.slot(id, slot).candidate !== "").map(([id, slot]) => `${id}/${slot}`);
    world.nextBlock();
    expect(drawn()).toEqual([`${poorer}/0`]);
    world.nextBlock();
    expect(drawn()).toEqual([`${poorer}/0`]);
    world.nextEpoch();
    expect(drawn()).toEqual([`${poorer}/0`, `${poorer}/1`]);
    world.nextEpoch();
    expect(drawn()).toEqual(["1/0", `${poorer}/0`, `${poorer}/1`]);
  });

  it("put a jailed provider's slots into repair, a bounded number per block", () => {
    const world = new World({ mode2: { params: { ...DEFAULT_PARAMS, maxDuePerBlock: 2 } } }).withProviders(6);
    for (let i = 0; i < 5; i++) {
      const id = world.openDeal();
      world.mustCommit(id, `content ${i}`);
    }
    for (let i = 6; i < 12; i++) world.register(i);
    world.nextBlock(20);
    const jailed = world.slot(1n, 0).provider;
    world.must((ctx) => world.provider.api.slash(ctx, jailed, 10n ** 10n, "test"));
    const repairs = (): number => world.nextBlock().filter((name) => name === "EventRepairStarted").length;
    expect([repairs(), repairs(), repairs(), repairs()]).toEqual([2, 2, 1, 0]);
    const assigned = world.query(world.mode2, "assignments", QueryAssignmentsRequestSchema, { provider: jailed }) as unknown as { assignments: { candidate: boolean }[] };
    expect(assigned.assignments).toHaveLength(5);
    expect(assigned.assignments.every(({ candidate }) => !candidate)).toBe(true);
  });

  it("start a jailed provider's slot later when M others repair now", () => {
    const { world, dealId } = repairing(12);
    evict(world, dealId, 1);
    world.nextBlock();
    const jailed = world.slot(dealId, 2).provider;
    world.must((ctx) => world.provider.api.slash(ctx, jailed, 10n ** 10n, "test"));
    world.nextBlock();
    expect(world.provider.api.get(world.ctx(), jailed).status).toBe(Status.JAILED);
    expect(world.slot(dealId, 2).status).toBe(SlotStatus.ACTIVE);
    world.proveReadiness(world.readiness(dealId, 0));
    expect(world.slot(dealId, 2)).toMatchObject({ status: SlotStatus.REPAIRING, repairCause: RepairCause.JAILED });
  });
});
