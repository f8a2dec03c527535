import { create } from "@bufbuild/protobuf";
import path from "node:path";
import { DueSlotSchema, QueryDueResponseSchema, type DueSlot } from "nild/gen/nil/challenge/v1/query_pb.js";
import { MsgProveSlotsResponseSchema, MsgProveSlotsSchema, type MsgProveSlots } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { addressBytes, put } from "nild/client";
import { challengeZ, drawPositions, metadataPosition, shardArtifactName } from "nild/nilfs";
import { answer, Refusal } from "../../client/test/fake_chain.js";
import { flipByte, pattern } from "./bytes.js";
import { BEACON, Network } from "./network.js";

/* Two deals of RS(1+1) on the same two providers: provider 0 answers for slot 0 of both. */
const PROFILE = { k: 1, m: 1 };

let network: Network;
let answered: MsgProveSlots[];

beforeAll(async () => {
  network = await Network.start(2);
  for (const id of [1n, 2n]) {
    network.deal(PROFILE, 1, id);
    await put(network.client(), { deal: id, files: [{ path: "a", bytes: pattern(200_000, Number(id)) }] });
  }
});

afterAll(() => network.stop());

beforeEach(() => {
  answered = [];
  network.chain.on(MsgProveSlotsSchema, (chain, message) => {
    const valid = network.verify(message.proof);
    answered.push(message);
    const done = new Set(message.slots.map(({ dealId }) => dealId));
    chain.due = { ...chain.due, slots: chain.due.slots.filter(({ dealId }) => !done.has(dealId)) };
    return answer(MsgProveSlotsResponseSchema, { valid });
  });
});

function due(dealId: bigint, needed = 2): DueSlot {
  const volume = network.chain.volumes.get(dealId)!;
  const shape = { profile: PROFILE, witnessMdus: 1, totalMdus: Number(volume.totalMdus), sizeBytes: volume.sizeBytes };
  const seed = { beacon: BEACON, dealId, generation: 1n, slot: 0 };
  const positions = [...drawPositions({ ...seed, ...shape, count: 2 }), metadataPosition({ ...seed, ...shape })];
  return create(DueSlotSchema, { ...seed, ...shape, totalMdus: volume.totalMdus, witnessMdus: 1n, manifestRoot: volume.manifestRoot, positions, needed });
}

/** Asks for answers and waits until none is owed by this provider, or the condition holds. */
async function challenge(slots: DueSlot[], until: () => boolean = () => network.chain.due.slots.length === 0): Promise<void> {
  const z = challengeZ(BEACON, addressBytes(network.daemons[0]!.address));
  // Provider 1 sees the same due list and has nothing to answer with for slot 0: it is stopped for the time.
  await network.daemons[1]!.stop();
  network.chain.due = create(QueryDueResponseSchema, { epoch: network.chain.due.epoch + 1n, endHeight: 1_000_000n, z, slots });
  await network.until(until);
  await network.restart(1);
}

test("all due slots are answered by one message whose openings verify, metadata included", async () => {
  await challenge([due(1n), due(2n)]);
  expect(answered.map(({ slots }) => slots.map(({ dealId }) => dealId))).toEqual([[1n, 2n]]);
  expect(network.verify(answered[0]!.proof)).toBe(true);
  expect(answered[0]!.proof!.groups.map(({ blobs }) => blobs.map(({ leafCount }) => leafCount))).toEqual([[128, 128, 64], [128, 128, 64]]);
  await network.until(() => network.daemons[0]!.status().challengesAnswered === 2);
});

test("credits excuse the tail, never the metadata blob", async () => {
  await challenge([due(1n, 0)]);
  expect(answered[0]!.proof!.groups[0]!.blobs.map(({ leafCount }) => leafCount)).toEqual([64]);
});

test("a rotten slot is left out, for a wrong proof costs more than none; the others are answered", async () => {
  const file = path.join(network.homes[0]!, "data/deals/1/1", shardArtifactName(2, 0));
  await flipByte(file, 40);
  await flipByte(file, 131_072 + 40);
  await challenge([due(1n), due(2n)], () => answered.length > 0);
  await flipByte(file, 40);
  await flipByte(file, 131_072 + 40);
  expect(answered[0]!.slots.map(({ dealId }) => dealId)).toEqual([2n]);
  await network.until(() => network.chain.due.slots.length === 0);
});

test("one slot that the chain refuses does not take the others with it", async () => {
  const take = network.chain;
  take.on(MsgProveSlotsSchema, (chain, message) => {
    if (message.slots.some(({ dealId }) => dealId === 1n)) throw new Refusal("challenge", 8, "already answered");
    answered.push(message);
    chain.due = { ...chain.due, slots: [] };
    return answer(MsgProveSlotsResponseSchema, { valid: true });
  });
  await challenge([due(1n), due(2n)]);
  expect(answered.map(({ slots }) => slots.map(({ dealId }) => dealId))).toEqual([[2n]]);
});

test("killed and started again, a provider answers what is still due", async () => {
  await network.daemons[0]!.stop();
  const z = challengeZ(BEACON, addressBytes(network.daemons[0]!.address));
  await network.daemons[1]!.stop();
  network.chain.due = create(QueryDueResponseSchema, { epoch: 50n, endHeight: 1_000_000n, z, slots: [due(1n)] });
  await network.restart(0);
  await network.until(() => network.chain.due.slots.length === 0);
  expect(network.verify(answered[0]!.proof)).toBe(true);
  await network.restart(1);
});
