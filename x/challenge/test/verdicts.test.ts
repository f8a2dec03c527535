import { RepairCause, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import { EPOCH_BLOCKS, World, mutated, providerAddress } from "./world.js";

const [A, B, C] = [0, 1, 2].map(providerAddress) as [string, string, string];
const LATE_BLOCK = EPOCH_BLOCKS - 1n;

function wrongAnswer(world: World, provider: string): string {
  return world.prove(mutated(world.answer(provider), (copy) => (copy.proof.groups[0]!.blobs[0]!.y = new Uint8Array(32))));
}

test("each answer has its verdict in the first block after the due epoch: rent, health, service record, next due epoch", () => {
  const world = new World();
  world.openDeal(1n, { m: 2 });
  expect(world.rent).toEqual(["start 1/0", "start 1/1", "start 1/2", "start 1/3"]);
  world.toEpoch(1n);
  world.prove(world.answer(A));
  wrongAnswer(world, C);
  world.toHeight(1n + EPOCH_BLOCKS + LATE_BLOCK);
  world.prove(world.answer(B));
  expect(world.verdicts).toEqual([]);
  world.rent.length = 0;

  const events = world.toEpoch(2n);
  expect(world.rent).toEqual([`pay 1/0 ${A}`, `pay 1/1 ${B}`, "return 1/2", "return 1/2", "return 1/3"]);
  expect(world.verdicts).toEqual([
    { provider: A, onTime: true, slotHealth: 1_000 },
    { provider: B, onTime: true, slotHealth: 980 },
    { provider: C, onTime: false, slotHealth: 0 },
    { provider: providerAddress(3), onTime: false, slotHealth: 850 },
  ]);
  expect(world.repairs).toEqual([`1/2 ${RepairCause.EVICTED}`]);
  expect(world.record(1n, 0)).toMatchObject({ dueEpoch: 2n, answer: Verdict.UNSPECIFIED, health: 1_000 });
  expect(world.record(1n, 2)).toBeUndefined();
  const verdicts = events.filter(({ type }) => type === "nil.challenge.v1.EventVerdict");
  expect(verdicts.map(({ attributes }) => attributes.find(({ key }) => key === "verdict")!.value)).toEqual([
    "VERDICT_ON_TIME",
    "VERDICT_LATE",
    "VERDICT_WRONG",
    "VERDICT_MISSING",
  ]);
  expect(verdicts.map(({ attributes }) => attributes.find(({ key }) => key === "paid")!.value)).toEqual(["10", "10", "0", "0"]);
});

test("health: 1000, then 850, 700, 550, 400 while silent; the fifth silence starts the repair", () => {
  const world = new World();
  world.openDeal(1n);
  const seen: (number | undefined)[] = [];
  for (let epoch = 2n; epoch <= 6n; epoch++) {
    world.toEpoch(epoch);
    seen.push(world.record(1n, 0)?.health);
  }
  expect(seen).toEqual([850, 700, 550, 400, undefined]);
  expect(world.repairs).toContain(`1/0 ${RepairCause.EVICTED}`);
});

test("a slot that M repairs keep ACTIVE stays on the clock and is handed over by a later verdict", () => {
  const world = new World({ healthMissing: 1_000 });
  const volume = world.openDeal(1n);
  world.repairsFull = true;
  world.toEpoch(2n);
  expect(world.record(1n, 0)).toMatchObject({ health: 0, dueEpoch: 2n });
  world.repairsFull = false;
  world.toEpoch(3n);
  expect(world.record(1n, 0)).toBeUndefined();
  expect(volume.slots[0]!.status).toBe(SlotStatus.REPAIRING);
});

test("a capped sweep takes the rest in later blocks, and a late verdict costs nobody an epoch", () => {
  const world = new World({ maxDuePerBlock: 2 });
  for (let deal = 1n; deal <= 4n; deal++) world.openDeal(deal);
  world.toEpoch(2n);
  expect(world.verdicts).toHaveLength(2);
  world.toHeight(world.height + 5n);
  expect(world.verdicts).toHaveLength(12);
  // Blocks 17 and 18 lie in the first quarter of epoch 2, those after it do not.
  expect(world.record(1n, 0)!.dueEpoch).toBe(2n);
  expect(world.record(2n, 0)!.dueEpoch).toBe(2n);
  expect(world.record(2n, 1)!.dueEpoch).toBe(3n);
  expect(world.record(4n, 2)!.dueEpoch).toBe(3n);
});

test("a verdict that fails neither stops the queue nor is lost: it is put off and reported", () => {
  const world = new World();
  world.openDeal(1n);
  world.toEpoch(1n);
  world.prove(world.answer(A));
  world.broken.add("1/0");
  const events = world.toEpoch(2n);
  expect(world.verdicts.map(({ provider }) => provider)).toEqual([B, C]);
  expect(world.record(1n, 0)).toMatchObject({ dueEpoch: 2n, answer: Verdict.ON_TIME, health: 1_000 });
  const failed = events.find(({ type }) => type === "nil.challenge.v1.EventVerdictFailed")!;
  expect(failed.attributes.find(({ key }) => key === "codespace")!.value).toBe("escrow");
  world.broken.clear();
  world.toEpoch(3n);
  expect(world.rent).toContain(`pay 1/0 ${A}`);
  expect(world.record(1n, 0)).toMatchObject({ health: 1_000, dueEpoch: 3n });
});

describe("the end of a deal", () => {
  test("the last whole epoch is challenged however long the period", () => {
    const world = new World({ minPeriodEpochs: 100n });
    world.openDeal(1n, { endHeight: 1n + 5n * EPOCH_BLOCKS });
    expect(world.record(1n, 0)!.dueEpoch).toBe(4n);
    world.toEpoch(4n);
    expect(world.prove(world.answer(A))).toBe("valid");
    world.toEpoch(5n);
    expect(world.rent).toContain(`pay 1/0 ${A}`);
  });

  test("in the broken rest an answer is voluntary: it is paid, silence is not punished", () => {
    const world = new World();
    world.openDeal(1n, { endHeight: 2n * EPOCH_BLOCKS + 4n });
    world.toEpoch(1n);
    for (const provider of [A, B, C]) world.prove(world.answer(provider));
    world.toEpoch(2n);
    expect(world.prove(world.answer(A))).toBe("valid");
    const { length } = world.verdicts;
    world.toHeight(2n * EPOCH_BLOCKS + 5n);
    world.rent.length = 0;
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    world.volumes.delete(1n);
    world.checkInvariants();
    expect(world.rent).toEqual([`pay 1/0 ${A}`, "return 1/1", "return 1/2"]);
    expect(world.verdicts).toHaveLength(length);
  });

  test("a sweep that comes after the end only settles, if the closing is late", () => {
    const world = new World();
    world.openDeal(1n, { endHeight: 2n * EPOCH_BLOCKS });
    world.toEpoch(1n);
    world.prove(world.answer(A));
    world.toEpoch(2n);
    expect(world.verdicts).toEqual([]);
    expect(world.rent.slice(3)).toEqual([`pay 1/0 ${A}`, "return 1/1", "return 1/2"]);
    expect(world.record(1n, 1)).toBeUndefined();
  });

  test("closing twice, or a deal that never was, does nothing", () => {
    const world = new World();
    world.openDeal(1n);
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    const { length } = world.rent;
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    world.module.api.dealClosing(world.ctx(), { dealId: 2n });
    expect(world.rent).toHaveLength(length);
  });
});

describe("slots come and go", () => {
  test("a slot that leaves with an answer given is paid for it, and judged by it", () => {
    const world = new World();
    world.openDeal(1n);
    world.toEpoch(1n);
    world.prove(world.answer(A));
    world.rent.length = 0;
    world.change(1n, 0, { provider: A, status: SlotStatus.REPAIRING });
    world.change(1n, 1, { provider: B, status: SlotStatus.REPAIRING });
    expect(world.rent).toEqual([`pay 1/0 ${A}`, "return 1/1"]);
  });

  test("promotion: the rent of the time without a provider returns, the new one starts healthy and is due from the next epoch", () => {
    const world = new World();
    world.openDeal(1n);
    world.toEpoch(3n);
    world.change(1n, 0, { provider: A, status: SlotStatus.REPAIRING });
    world.toEpoch(5n);
    world.rent.length = 0;
    const candidate = providerAddress(9);
    world.change(1n, 0, { provider: candidate, status: SlotStatus.ACTIVE });
    expect(world.rent).toEqual(["return 1/0"]);
    expect(world.record(1n, 0)).toMatchObject({ provider: candidate, health: 1_000, dueEpoch: 6n, proofsVerified: 0n });
    expect(world.due(candidate).slots).toEqual([]);
    world.toEpoch(6n);
    expect(world.prove(world.answer(candidate))).toBe("valid");
  });

  test("an empty deal's slot is no challenge (V13)", () => {
    const world = new World();
    const volume = world.openDeal(1n);
    volume.generation = 0n;
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    world.rent.length = 0;
    world.change(1n, 0, { provider: A, status: SlotStatus.REPAIRING }, false);
    world.change(1n, 0, { provider: B, status: SlotStatus.ACTIVE }, false);
    expect(world.record(1n, 0)).toBeUndefined();
    expect(world.rent).toEqual([]);
  });

  test("a slot without an ack at the first commit earns nothing until it is promoted", () => {
    const world = new World();
    const volume = world.openDeal(1n);
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    world.rent.length = 0;
    world.change(1n, 0, { provider: A, status: SlotStatus.REPAIRING });
    expect(world.record(1n, 0)).toBeUndefined();
    expect(world.rent).toEqual(["start 1/0"]);
    world.change(1n, 0, { provider: A, status: SlotStatus.ACTIVE });
    expect(world.rent).toEqual(["start 1/0", "return 1/0"]);
    expect(volume.slots[0]!.provider).toBe(A);
    expect(world.record(1n, 0)).toMatchObject({ provider: A });
  });
});

test("the period grows with the load and shrinks again", () => {
  const world = new World({ proofsPerEpoch: 10n });
  const stats = () => world.module.parts.queries.stats!(world.ctx(), {} as never) as { load: { entries: bigint; quotaSum: bigint }; periodEpochs: bigint };
  world.openDeal(1n);
  expect(stats()).toMatchObject({ load: { entries: 3n, quotaSum: 6n }, periodEpochs: 1n });
  for (let deal = 2n; deal <= 6n; deal++) world.openDeal(deal);
  expect(stats()).toMatchObject({ load: { entries: 18n, quotaSum: 36n }, periodEpochs: 4n });
  for (let deal = 2n; deal <= 6n; deal++) world.module.api.dealClosing(world.ctx(), { dealId: deal });
  expect(stats()).toMatchObject({ load: { entries: 3n, quotaSum: 6n }, periodEpochs: 1n });
});

test("a commit that grows the content grows the sum at the slot's next verdict", () => {
  const world = new World({ quotaMinBlobs: 0, quotaBpsHot: 10_000 });
  world.openDeal(1n, { k: 16, userMdus: 2n });
  expect(world.record(1n, 0)!.quota).toBe(8);
  world.toEpoch(1n);
  world.commit(1n);
  expect(world.record(1n, 0)!.quota).toBe(8);
  world.toEpoch(2n);
  expect(world.record(1n, 0)!.quota).toBe(12);
  expect(world.due(A).slots[0]!.positions).toHaveLength(13);
});
