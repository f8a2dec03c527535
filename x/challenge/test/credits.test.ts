import type { RetrievalCompleted } from "../api.js";
import { EPOCH_BLOCKS, World, providerAddress } from "./world.js";

const [A, B] = [0, 1].map(providerAddress) as [string, string];

/** A quota of 16 blobs of slot 0, due in epoch 1; half of it may be excused. */
function creditWorld(): World {
  const world = new World({ quotaMinBlobs: 16 });
  world.openDeal(1n);
  world.toEpoch(1n);
  return world;
}

function completed(world: World, change: Partial<RetrievalCompleted> = {}, blobs = 3): void {
  const event = { dealId: 1n, slot: 0, provider: A, generation: 1n, openedHeight: world.epoch.startHeight, epoch: 1n, blobs: Array.from({ length: blobs }, (_, i) => ({ mduIndex: 2, leafIndex: i })) };
  world.module.api.retrievalCompleted(world.ctx(), { ...event, ...change });
  world.checkInvariants();
}

const needed = (world: World, provider = A) => world.due(provider).slots[0]!.needed;

test("completed retrievals excuse the tail of the list", () => {
  const world = creditWorld();
  expect(needed(world)).toBe(16);
  completed(world);
  expect(needed(world)).toBe(13);
  expect(world.prove(world.answer(A, (all, count) => [...all.slice(0, count), all.at(-1)!]))).toBe("valid");
  expect(world.record(1n, 0)).toMatchObject({ proofsVerified: 14n, credits: 3 });
});

test("a longer prefix is as good: credits that come in while an answer is under way do not void it", () => {
  const world = creditWorld();
  const whole = world.answer(A);
  const shorter = world.answer(A, (all) => [...all.slice(0, 15), all.at(-1)!]);
  completed(world);
  expect(world.prove(whole)).toBe("valid");
  const other = creditWorld();
  completed(other);
  expect(other.prove(shorter)).toBe("valid");
});

test.each([
  ["the head of the list", (count: number) => [1, count + 1]],
  ["one blob more than what is excused", (count: number) => [0, count - 1]],
])("%s is not excused", (_name, range) => {
  const world = creditWorld();
  completed(world);
  const msg = world.answer(A, (all, count) => [...all.slice(...(range(count) as [number, number])), all.at(-1)!]);
  expect(world.prove(msg)).toBe("challenge/9");
});

test("the metadata blob is never excused", () => {
  const world = creditWorld();
  completed(world, {}, 8);
  expect(world.prove(world.answer(A, (all, count) => all.slice(0, count)))).toBe("challenge/9");
});

test("a blob counts once per epoch, however often it is retrieved", () => {
  const world = creditWorld();
  completed(world);
  completed(world);
  expect(needed(world)).toBe(13);
});

test("at most credit_cap_bps of the quota", () => {
  const world = creditWorld();
  completed(world, {}, 16);
  expect(needed(world)).toBe(8);
});

test.each<[string, Partial<RetrievalCompleted>]>([
  ["another slot", { slot: 1, provider: B }],
  ["another provider", { provider: B }],
  ["another deal", { dealId: 7n }],
  ["an older generation", { generation: 0n }],
  ["an epoch that is over", { epoch: 0n }],
  ["an epoch to come", { epoch: 2n }],
  ["a session opened before the epoch, whose proof may have been kept back", { openedHeight: EPOCH_BLOCKS }],
])("%s does not count", (_name, change) => {
  const world = creditWorld();
  completed(world, change);
  expect(needed(world)).toBe(16);
});

test("nothing counts after the answer", () => {
  const world = creditWorld();
  world.prove(world.answer(A));
  completed(world);
  expect(world.record(1n, 0)).toMatchObject({ credits: 0 });
});

test("credits do not outlive their epoch, and are forgotten", () => {
  const world = creditWorld();
  completed(world, {}, 8);
  const credited = () => (world.module.parts.genesis.export(world.ctx()) as { credited: unknown[] }).credited.length;
  expect(credited()).toBe(8);
  world.toEpoch(2n);
  expect(needed(world)).toBe(16);
  expect(credited()).toBe(0);
  completed(world, { epoch: 2n });
  expect(needed(world)).toBe(13);
});
