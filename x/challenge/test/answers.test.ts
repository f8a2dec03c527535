import { create } from "@bufbuild/protobuf";
import { openingCount } from "nild/nilfs";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { type MsgProveSlots, MsgProveSlotsSchema } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import { EPOCH_BLOCKS, World, mutated, point, providerAddress, zOf } from "./world.js";

const A = providerAddress(0);
const B = providerAddress(1);

/** One deal of 2+1; every slot is due in epoch 1, which has just begun. */
function dueWorld(): World {
  const world = new World();
  world.openDeal(1n);
  world.toEpoch(1n);
  return world;
}

describe("a right answer", () => {
  test("counts, once, for the slot that gave it", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    expect(msg.slots).toHaveLength(1);
    expect(world.prove(msg)).toBe("valid");
    expect(world.record(1n, 0)).toMatchObject({ answer: Verdict.ON_TIME, proofsVerified: 3n });
    expect(world.record(1n, 1)).toMatchObject({ answer: Verdict.UNSPECIFIED });
    expect(world.due(A).slots).toHaveLength(0);
    expect(world.slashes).toEqual([]);
  });

  test("answers many slots of many deals at once", () => {
    const world = new World();
    for (let deal = 1n; deal <= 5n; deal++) world.openDeal(deal);
    world.toEpoch(1n);
    const msg = world.answer(A);
    expect(msg.slots.map(({ dealId }) => dealId)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(world.prove(msg)).toBe("valid");
    expect(world.due(A).slots).toHaveLength(0);
  });

  test.each([
    [0n, Verdict.ON_TIME],
    [EPOCH_BLOCKS - 3n, Verdict.ON_TIME],
    [EPOCH_BLOCKS - 2n, Verdict.LATE],
    [EPOCH_BLOCKS - 1n, Verdict.LATE], // V11: the last block still counts
  ])("at block %p of its epoch it is on time or late", (offset, verdict) => {
    const world = dueWorld();
    world.toHeight(1n + EPOCH_BLOCKS + offset);
    expect(world.prove(world.answer(A))).toBe("valid");
    expect(world.record(1n, 0)!.answer).toBe(verdict);
  });

  test("is about what the deal held when the epoch began, not about a commit made since", () => {
    const world = dueWorld();
    const early = world.answer(A);
    world.commit(1n);
    expect(world.answer(A)).toEqual(early);
    expect(world.prove(early)).toBe("valid");
  });

  test("pays gas for every blob and every manifest hop before anything is verified", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    const outcome = world.run("proveSlots", msg, 5_000_000n);
    const hops = new Set(msg.proof!.groups[0]!.blobs.map(({ mduIndex }) => mduIndex)).size;
    expect(3 + hops).toBeGreaterThanOrEqual(5);
    expect(outcome.ok ? "valid" : outcome.error.code).toBe(11);
    expect(world.prove(msg)).toBe("valid");
  });
});

test("an answer that states another first hop for each blob of an MDU pays for each", () => {
  const world = dueWorld();
  const msg = world.answer(A);
  const honest = openingCount(msg.proof!);
  const { blobs } = msg.proof!.groups[0]!;
  blobs.forEach((blob, i) => {
    blob.mduIndex = 2;
    blob.mduRoot = new Uint8Array(32).fill(i);
  });
  expect(openingCount(msg.proof!)).toBe(2 * blobs.length);
  blobs.forEach((blob, i) => (blob.manifestOpening = point(`hop ${i % 2}`)));
  expect(openingCount(msg.proof!)).toBe(2 * blobs.length);
  blobs.forEach((blob) => (blob.mduRoot = new Uint8Array(32)));
  expect(openingCount(msg.proof!)).toBe(blobs.length + 2);
  expect(honest).toBeLessThanOrEqual(2 * blobs.length);
});

describe("inputs that differ from state are ordinary errors, nothing changes (V7–V11, V14)", () => {
  const other = point("other");
  test.each<[string, string, (copy: MsgProveSlots & { proof: NonNullable<MsgProveSlots["proof"]> }, world: World) => void]>([
    ["another deal", "challenge/2", (msg) => (msg.slots[0]!.dealId = 9n)],
    ["another slot's number", "challenge/6", (msg) => (msg.slots[0]!.slot = 1)],
    ["the epoch before", "challenge/4", (msg) => (msg.epoch = 0n)],
    ["the epoch to come", "challenge/5", (msg) => (msg.epoch = 2n)],
    ["another generation", "challenge/7", (msg) => (msg.slots[0]!.generation = 2n)],
    ["another root", "challenge/8", (msg) => (msg.proof.groups[0]!.manifestRoot = other)],
    ["z of another provider", "challenge/11", (msg, world) => (msg.proof.z = zOf(world, B))],
    ["z of nobody", "challenge/11", (msg) => (msg.proof.z = new Uint8Array(32))],
    ["blobs in another order", "challenge/9", (msg) => msg.proof.groups[0]!.blobs.reverse()],
    ["the metadata blob left out", "challenge/9", (msg) => msg.proof.groups[0]!.blobs.pop()],
    ["a payload blob left out", "challenge/9", (msg) => msg.proof.groups[0]!.blobs.shift()],
    ["a blob twice", "challenge/9", (msg) => (msg.proof.groups[0]!.blobs[0] = msg.proof.groups[0]!.blobs[1]!)],
    ["a blob more", "challenge/9", (msg) => msg.proof.groups[0]!.blobs.unshift(msg.proof.groups[0]!.blobs[0]!)],
    ["the metadata blob twice", "challenge/9", (msg) => msg.proof.groups[0]!.blobs.push(msg.proof.groups[0]!.blobs.at(-1)!)],
    ["another slot's leaf", "challenge/9", (msg) => (msg.proof.groups[0]!.blobs[0]!.leafIndex += 32)],
    ["another MDU", "challenge/9", (msg) => (msg.proof.groups[0]!.blobs[0]!.mduIndex += 100)],
    ["another tree size", "challenge/10", (msg) => (msg.proof.groups[0]!.blobs[0]!.leafCount = 64)],
    ["another tree size in the metadata", "challenge/10", (msg) => (msg.proof.groups[0]!.blobs[2]!.leafCount = 96)],
  ])("%s", (_name, code, change) => {
    const world = dueWorld();
    expect(world.prove(mutated(world.answer(A), (copy) => void change(copy, world)))).toBe(code);
    expect(world.slashes).toEqual([]);
    expect(world.prove(world.answer(A))).toBe("valid");
  });

  test("a second answer in the same epoch", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    world.prove(msg);
    expect(world.prove(msg)).toBe("challenge/12");
  });

  test("a proof replayed in the next epoch, and dressed up for it", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    expect(world.prove(msg)).toBe("valid");
    world.toEpoch(2n);
    expect(world.prove(msg)).toBe("challenge/4");
    expect(world.prove(mutated(msg, (copy) => (copy.epoch = 2n)))).toBe("challenge/11");
  });

  test("one block after the deadline", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    world.toEpoch(2n);
    expect(world.prove(msg)).toBe("challenge/4");
  });

  test("another provider hands in the answer", () => {
    const world = dueWorld();
    expect(world.prove(mutated(world.answer(A), (copy) => (copy.provider = B)))).toBe("challenge/11");
    expect(world.prove(mutated(world.answer(A), (copy, z = zOf(world, B)) => Object.assign(copy, { provider: B, proof: { ...copy.proof, z } })))).toBe("challenge/6");
  });

  test("before it is due: the epoch of the first commit (V13)", () => {
    const world = new World();
    world.openDeal(1n);
    expect(world.due(A).slots).toEqual([]);
    world.toEpoch(1n);
    const msg = world.answer(A);
    const early = new World();
    early.openDeal(1n);
    const dressed = mutated(msg, (copy) => Object.assign(copy, { epoch: 0n, proof: { ...copy.proof, z: zOf(early, A) } }));
    expect(early.prove(dressed)).toBe("challenge/3");
  });

  test("a slot whose period has not come round", () => {
    const world = new World({ minPeriodEpochs: 3n });
    world.openDeal(1n);
    const first = world.record(1n, 0)!.dueEpoch;
    world.toEpoch(first);
    const msg = world.answer(A);
    expect(world.prove(msg)).toBe("valid");
    world.toEpoch(first + 1n);
    expect(world.record(1n, 0)!.dueEpoch).toBe(first + 3n);
    expect(world.due(A).slots).toEqual([]);
    const dressed = mutated(msg, (copy) => Object.assign(copy, { epoch: first + 1n, proof: { ...copy.proof, z: zOf(world, A) } }));
    expect(world.prove(dressed)).toBe("challenge/3");
  });

  test("a slot that its provider took over in this very epoch", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    world.volumes.get(1n)!.slots[0]!.challengedFromEpoch = 2n;
    expect(world.due(A).slots).toEqual([]);
    expect(world.prove(msg)).toBe("challenge/3");
  });

  test("a slot under repair is not asked (V14)", () => {
    const world = dueWorld();
    const msg = world.answer(A);
    world.change(1n, 0, { provider: A, status: SlotStatus.REPAIRING });
    expect(world.due(A).slots).toEqual([]);
    expect(world.prove(msg)).toBe("challenge/2");
  });

  test("a deal past its end, though no sweep has come yet", () => {
    const world = new World();
    world.openDeal(1n, { endHeight: 1n + EPOCH_BLOCKS + 3n });
    world.toHeight(1n + EPOCH_BLOCKS + 3n);
    const msg = world.answer(A);
    world.toHeight(1n + EPOCH_BLOCKS + 4n);
    expect(world.due(A).slots).toEqual([]);
    expect(world.prove(msg)).toBe("challenge/13");
  });

  test("one bad slot of many fails all of them", () => {
    const world = new World();
    for (let deal = 1n; deal <= 4n; deal++) world.openDeal(deal);
    world.toEpoch(1n);
    const msg = mutated(world.answer(A), (copy) => (copy.slots[3]!.generation = 7n));
    expect(world.prove(msg)).toBe("challenge/7");
    expect(world.due(A).slots).toHaveLength(4);
  });
});

describe("a false equation", () => {
  function wrong(world: World): MsgProveSlots {
    return mutated(world.answer(A), (copy) => (copy.proof.groups[0]!.blobs[1]!.y = new Uint8Array(32).fill(3)));
  }

  test("succeeds as invalid, is on record and costs a share of the bond", () => {
    const world = dueWorld();
    expect(world.prove(wrong(world))).toBe("invalid");
    expect(world.record(1n, 0)).toMatchObject({ answer: Verdict.WRONG, proofsVerified: 0n });
    expect(world.slashes).toEqual([{ provider: A, amount: 50_000n }]);
  });

  test("is slashed once: no second answer is taken in this epoch, right or wrong", () => {
    const world = dueWorld();
    const right = world.answer(A);
    world.prove(wrong(world));
    expect(world.prove(right)).toBe("challenge/12");
    expect(world.slashes).toHaveLength(1);
  });

  test("slashes once per slot of the message (V15: one bad blob spoils all of it)", () => {
    const world = new World();
    for (let deal = 1n; deal <= 3n; deal++) world.openDeal(deal);
    world.toEpoch(1n);
    expect(world.prove(wrong(world))).toBe("invalid");
    expect(world.slashes.map(({ amount }) => amount)).toEqual([50_000n, 47_500n, 45_125n]);
    for (let deal = 1n; deal <= 3n; deal++) expect(world.record(deal, 0)!.answer).toBe(Verdict.WRONG);
    expect(world.record(1n, 1)!.answer).toBe(Verdict.UNSPECIFIED);
  });

  test("a provider without a bond is not slashed below nothing", () => {
    const world = dueWorld();
    world.bonds.set(A, 0n);
    expect(world.prove(wrong(world))).toBe("invalid");
    expect(world.slashes).toEqual([]);
  });
});

describe("form: refused before any fee is taken (V1, V2, V5, V6)", () => {
  const world = dueWorld();
  const good = world.answer(A);
  const flipped = (flags: number) => {
    const bytes = point("flags");
    bytes[0] = flags;
    return bytes;
  };
  const infinity = flipped(0xc0).fill(0, 1);
  test.each<[string, string, (copy: MsgProveSlots & { proof: NonNullable<MsgProveSlots["proof"]> }) => void]>([
    ["no slots", "challenge/16", (msg) => (msg.slots = [])],
    ["65 slots", "challenge/17", (msg) => (msg.slots = Array.from({ length: 65 }, () => msg.slots[0]!))],
    ["a slot twice", "challenge/18", (msg) => msg.slots.push(msg.slots[0]!)],
    ["slots out of order", "challenge/18", (msg) => msg.slots.push({ ...msg.slots[0]!, dealId: 0n })],
    ["no proof", "challenge/14", (msg) => delete (msg as Partial<MsgProveSlots>).proof],
    ["no groups", "challenge/15", (msg) => (msg.proof.groups = [])],
    ["more groups than slots", "challenge/15", (msg) => msg.proof.groups.push(msg.proof.groups[0]!)],
    ["a group without blobs", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs = [])],
    ["an empty point", "challenge/14", (msg) => (msg.proof.proof = new Uint8Array(0))],
    ["a point of 47 bytes", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.commitment = point("x").slice(1))],
    ["a point of 49 bytes", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.manifestOpening = new Uint8Array(49).fill(1))],
    ["infinity as root", "challenge/14", (msg) => (msg.proof.groups[0]!.manifestRoot = infinity)],
    ["infinity with bits set", "challenge/14", (msg) => (msg.proof.proof = flipped(0xc0))],
    ["an uncompressed point", "challenge/14", (msg) => (msg.proof.proof = flipped(0x00))],
    ["x over the field's modulus", "challenge/14", (msg) => (msg.proof.proof = flipped(0x9f))],
    ["z over the order", "challenge/14", (msg) => (msg.proof.z = new Uint8Array(32).fill(0xff))],
    ["z of 31 bytes", "challenge/14", (msg) => (msg.proof.z = new Uint8Array(31))],
    ["y over the order", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.y = new Uint8Array(32).fill(0x74))],
    ["an MDU root of 33 bytes", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.mduRoot = new Uint8Array(33))],
    ["a Merkle path of 14 nodes", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.merklePath = Array.from({ length: 14 }, () => new Uint8Array(32)))],
    ["a Merkle node of 31 bytes", "challenge/14", (msg) => (msg.proof.groups[0]!.blobs[0]!.merklePath = [new Uint8Array(31)])],
    ["a provider that is no address", "sdk/7", (msg) => (msg.provider = "nil1qqq")],
  ])("%s", (_name, code, change) => {
    expect(world.prove(mutated(good, change))).toBe(code);
  });

  test("infinity is a legal commitment and a legal opening", () => {
    const msg = mutated(good, (copy) => {
      copy.proof.proof = infinity;
      copy.proof.groups[0]!.blobs[0]!.commitment = infinity;
    });
    expect(world.prove(msg)).toBe("valid");
  });

  test("an empty message", () => {
    expect(world.prove(create(MsgProveSlotsSchema, {}))).toBe("sdk/7");
  });
});

test("the costly check depends on the proof alone, so that the node can run it beforehand", () => {
  const world = dueWorld();
  const msg = world.answer(A);
  const [check] = world.module.parts.checks.proveSlots!(msg as never);
  const [again] = world.module.parts.checks.proveSlots!({ ...msg, provider: B, slots: [] } as never);
  expect(check).toEqual(again);
  expect(check!.kind).toBe("kzg.openings");
});
