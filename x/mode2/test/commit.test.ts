import { RepairCause, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { sdkErr } from "nild/sdk";
import { MDU, World, codeOf, point } from "../../deal/test/world.js";

const ALL = [0, 1, 2, 3, 4, 5];

function opened(): { world: World; dealId: bigint } {
  const world = new World().withProviders(6);
  return { world, dealId: world.openDeal() };
}

describe("acks", () => {
  it.each<[string, (acks: { slot: number; signature: Uint8Array }[]) => object[], string]>([
    ["K acks", (acks) => acks.slice(0, 4), "mode2/15"],
    ["an ack twice", (acks) => [acks[0]!, acks[0]!, ...acks.slice(1)], "deal/9"],
    ["acks out of order", (acks) => [acks[1]!, acks[0]!, ...acks.slice(2)], "deal/9"],
    ["a signature of 63 bytes", (acks) => [{ slot: 0, signature: acks[0]!.signature.subarray(1) }, ...acks.slice(1)], "deal/9"],
    ["an ack for a slot that is none", (acks) => [...acks, { slot: 6, signature: acks[0]!.signature }], "mode2/14"],
    ["another slot's signature", (acks) => [{ slot: 0, signature: acks[1]!.signature }, ...acks.slice(1)], "mode2/14"],
    ["a signature of zeros", (acks) => [{ slot: 0, signature: new Uint8Array(64) }, ...acks.slice(1)], "mode2/14"],
  ])("refuses %s", (_, broken, code) => {
    const { world, dealId } = opened();
    const msg = world.content(dealId, "a");
    const before = world.volume(dealId);
    expect(codeOf(world.commit({ ...msg, acks: broken(msg.acks as never) as never }))).toBe(code);
    expect(world.volume(dealId)).toEqual(before);
  });

  it("bind deal and generation: acks of another deal or an earlier commit do not count", () => {
    const { world, dealId } = opened();
    const other = world.openDeal();
    const acksOfOther = world.content(other, "a").acks!;
    expect(codeOf(world.commit({ ...world.content(dealId, "a"), acks: acksOfOther }))).toBe("mode2/14");
    const first = world.content(dealId, "a");
    world.mustCommit(dealId, "b");
    expect(codeOf(world.commit({ ...first, expectedGeneration: 1n }))).toBe("mode2/14");
  });

  it("cost gas, so that a limit stops them", () => {
    const { world, dealId } = opened();
    const msg = world.content(dealId, "a");
    const run = (gas: bigint) => world.ctx(gas).isolated((ctx) => world.mode2.api.commit(ctx, msg as never));
    expect(codeOf(run(5_900_000n))).toBe("sdk/11");
    expect(codeOf(run(9_000_000n))).toBe("ok");
  });
});

describe("the first commit", () => {
  it("makes acked slots challenged from the next epoch and tells the listeners when the content is there", () => {
    const { world, dealId } = opened();
    world.slotChanges.length = 0;
    world.mustCommit(dealId, "a");
    const epoch = (world.height - 1n) / 10n;
    expect(world.volume(dealId)).toMatchObject({ generation: 1n, totalMdus: 3n, firstCommitEpoch: epoch });
    expect(world.slotChanges).toHaveLength(6);
    for (const [i, change] of world.slotChanges.entries()) {
      expect(change).toMatchObject({ dealId, slot: i, hasContent: true });
      expect(change.before).toEqual(change.after);
      expect(world.slot(dealId, i)).toMatchObject({ status: SlotStatus.ACTIVE, challengedFromEpoch: epoch + 1n });
    }
  });

  it("is content from the next epoch on; a later commit of the epoch leaves what the epoch began with", () => {
    const { world, dealId } = opened();
    const at = (epoch: bigint) => world.mode2.api.contentAt(world.ctx(), dealId, epoch)?.generation;
    const now = () => (world.height - 1n) / 10n;
    const first = now();
    expect(at(first)).toBeUndefined();
    world.mustCommit(dealId, "a");
    world.mustCommit(dealId, "b");
    expect(at(first)).toBeUndefined();
    world.nextEpoch();
    expect(at(first + 1n)).toBe(2n);
    world.mustCommit(dealId, "c", 2n * MDU);
    world.mustCommit(dealId, "d", 3n * MDU);
    expect(world.mode2.api.contentAt(world.ctx(), dealId, first + 1n)).toEqual({ generation: 2n, manifestRoot: point("b"), totalMdus: 3n, sizeBytes: MDU });
    // Nobody can tell any more what an earlier epoch began with.
    expect(at(first)).toBeUndefined();
    world.nextEpoch();
    expect(world.mode2.api.contentAt(world.ctx(), dealId, first + 2n)).toMatchObject({ generation: 4n, manifestRoot: point("d") });
    expect(world.mode2.api.contentAt(world.ctx(), 99n, first)).toBeUndefined();
  });
});

describe("later commits", () => {
  it.each([
    ["the same root as the next generation", {}, "mode2/11"],
    ["the same root with another size", { sizeBytes: MDU - 1n }, "mode2/11"],
  ])("refuse %s", (_, overrides, code) => {
    const { world, dealId } = opened();
    world.mustCommit(dealId, "a");
    expect(codeOf(world.commit({ ...world.content(dealId, "a"), ...overrides }))).toBe(code);
  });

  it("take a replay only if every field is equal", () => {
    const { world, dealId } = opened();
    const msg = world.content(dealId, "a");
    world.mustCommit(dealId, "a");
    expect(codeOf(world.commit(msg))).toBe("ok");
    expect(codeOf(world.commit({ ...msg, sizeBytes: MDU - 1n }))).toBe("mode2/11");
    expect(codeOf(world.commit({ ...msg, mdu0Hash: new Uint8Array(32) }))).toBe("mode2/11");
    expect(codeOf(world.commit({ ...msg, manifestRoot: point("b") }))).toBe("mode2/10");
    expect(world.volume(dealId).generation).toBe(1n);
  });

  it("may shrink the content and free its providers' bytes", () => {
    const { world, dealId } = opened();
    world.mustCommit(dealId, "a", 3n * MDU);
    world.mustCommit(dealId, "b", 1n);
    expect(world.slot(dealId, 0).heldBytes).toBe(2_097_152n);
    expect(world.provider.api.get(world.ctx(), world.slot(dealId, 0).provider).usedBytes).toBe(2_097_152n);
  });
});

describe("a slot that did not ack", () => {
  it("repairs towards its own provider, unpunished, and its listeners hear of it first", () => {
    const { world, dealId } = opened();
    world.slotChanges.length = 0;
    world.mustCommit(dealId, "a", MDU, ALL.slice(0, 5));
    const slot = world.slot(dealId, 5);
    expect(slot).toMatchObject({
      status: SlotStatus.REPAIRING,
      repairCause: RepairCause.UNACKED,
      candidate: slot.provider,
      repairGeneration: 1n,
      repairTries: 1,
      repairDeadlineHeight: world.height + 200n,
      heldBytes: 0n,
    });
    expect(world.slotChanges[0]).toEqual({
      dealId,
      slot: 5,
      before: { provider: slot.provider, status: SlotStatus.ACTIVE },
      after: { provider: slot.provider, status: SlotStatus.REPAIRING },
      hasContent: true,
    });
    expect(world.provider.api.get(world.ctx(), slot.provider)).toMatchObject({ health: 1000, slashed: "0" });
  });

  it("blocks other commits until it is ACTIVE again", () => {
    const { world, dealId } = opened();
    world.mustCommit(dealId, "a", MDU, ALL.slice(0, 5));
    expect(codeOf(world.commit(world.content(dealId, "b", MDU, ALL.slice(0, 5))))).toBe("mode2/12");
    expect(codeOf(world.proveReadiness(world.readiness(dealId, 5)))).toBe("ok");
    expect(world.slot(dealId, 5)).toMatchObject({ status: SlotStatus.ACTIVE, heldBytes: 2_097_152n });
    expect(codeOf(world.commit(world.content(dealId, "b")))).toBe("ok");
  });

  it("is also one whose provider lacks the capacity for what it acked", () => {
    const world = new World().withProviders(6, (i) => (i === 0 ? { totalBytes: 2_097_152n } : {}));
    const dealId = world.openDeal();
    world.mustCommit(dealId, "a");
    world.mustCommit(dealId, "b", 2n * MDU);
    const short = world.volume(dealId).slots.find((slot) => slot.status === SlotStatus.REPAIRING)!;
    expect(world.provider.api.get(world.ctx(), short.provider).totalBytes).toBe(2_097_152n);
    expect(short).toMatchObject({ repairCause: RepairCause.UNACKED, heldBytes: 2_097_152n });
    expect(codeOf(world.proveReadiness(world.readiness(dealId, short.slot)))).toBe("mode2/24");
  });

  it("does not count towards K+1 when its provider lacks the bond", () => {
    const world = new World().withProviders(6, (i) => (i < 2 ? { totalBytes: 2_097_152n } : {}));
    const dealId = world.openDeal();
    world.mustCommit(dealId, "a");
    expect(codeOf(world.commit(world.content(dealId, "b", 2n * MDU)))).toBe("mode2/15");
  });
});

describe("a volume refuses, whoever calls", () => {
  const facts = { expectedGeneration: 0n, manifestRoot: point("a"), sizeBytes: MDU, totalMdus: 3n, mdu0Hash: new Uint8Array(32), acks: [] };

  it("a second opening and a second draw", () => {
    const { world, dealId } = opened();
    const { owner, profile, maxUserMdus, serviceHint, endHeight } = world.volume(dealId);
    const terms = { dealId, owner, profile: profile!, maxUserMdus, serviceHint, endHeight };
    expect(codeOf(world.act((ctx) => world.mode2.api.open(ctx, terms)))).toBe("mode2/6");
    expect(codeOf(world.act((ctx) => world.mode2.api.place(ctx, dealId)))).toBe("mode2/6");
  });

  it("content before the draw", () => {
    const world = new World().withProviders(6);
    const created = world.createDeal();
    const dealId = created.ok ? (created.value["dealId"] as bigint) : 0n;
    expect(codeOf(world.act((ctx) => world.mode2.api.commit(ctx, { dealId, ...facts })))).toBe("mode2/8");
  });

  it("content and candidates past the end, judged by height and not by whether the sweep has come", () => {
    const { world } = opened();
    const dealId = world.openDeal({ durationBlocks: 120n });
    world.mustCommit(dealId, "a", MDU, [0, 1, 2, 3, 4]);
    world.onClosing = () => {
      throw sdkErr.InvalidRequest("held up");
    };
    const late = world.readiness(dealId, 5);
    world.nextBlock(Number(world.volume(dealId).endHeight + 1n - world.height));
    expect(codeOf(world.act((ctx) => world.mode2.api.commit(ctx, { dealId, ...facts, expectedGeneration: 1n })))).toBe("mode2/9");
    expect(codeOf(world.proveReadiness(late))).toBe("mode2/9");
  });
});
