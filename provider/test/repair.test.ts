import { create } from "@bufbuild/protobuf";
import { readdir, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { MsgProveReadinessResponseSchema, MsgProveReadinessSchema } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { QueryReadinessResponseSchema } from "nild/gen/nil/mode2/v1/query_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { addressBytes, get, put } from "nild/client";
import { challengeZ, drawPositions, repairSeed, shardArtifactName } from "nild/nilfs";
import { answer, Refusal } from "../../client/test/fake_chain.js";
import { flipByte, pattern } from "./bytes.js";
import { BEACON, Network } from "./network.js";

const PROFILE = { k: 2, m: 2 };
const FILE = pattern(200_000, 4);
/** The slot that is lost, and who takes it: provider 4. */
const SLOT = 1;

let network: Network;
let accepted: bigint[];

/** Provider 1 is gone; the chain has drawn provider 4 and takes its proof. */
beforeEach(async () => {
  network = await Network.start(5);
  network.deal(PROFILE);
  await put(network.client(), { deal: 1n, files: [{ path: "a.bin", bytes: FILE }] });
  accepted = [];
  network.chain.on(MsgProveReadinessSchema, (chain, message) => {
    const slot = chain.volumes.get(message.dealId)!.slots[message.slot]!;
    const positions = message.proof!.groups[0]!.blobs.map(({ mduIndex, leafIndex }) => ({ mduIndex, leafIndex }));
    if (slot.candidate !== message.provider) throw new Refusal("mode2", 16, "not the candidate");
    expect(positions).toEqual(chain.readiness!.positions.map(({ mduIndex, leafIndex }) => ({ mduIndex, leafIndex })));
    const valid = network.verify(message.proof);
    if (valid) Object.assign(slot, { provider: message.provider, candidate: "", status: SlotStatus.ACTIVE });
    accepted.push(message.generation);
    return answer(MsgProveReadinessResponseSchema, { valid });
  });
});

afterEach(() => network.stop());

function draw(candidate: string): void {
  const volume = network.chain.volumes.get(1n)!;
  const positions = drawPositions({
    ...{ beacon: BEACON, dealId: 1n, generation: 1n, slot: SLOT, profile: PROFILE, prover: addressBytes(candidate), count: 4 },
    ...{ witnessMdus: 1, totalMdus: Number(volume.totalMdus), sizeBytes: volume.sizeBytes },
  });
  const z = challengeZ(repairSeed(BEACON, 1n, BigInt(SLOT)), addressBytes(candidate));
  network.chain.readiness = create(QueryReadinessResponseSchema, { epoch: 1n, generation: 1n, z, positions });
  Object.assign(volume.slots[SLOT]!, { status: SlotStatus.REPAIRING, candidate, repairDeadlineHeight: 1_000_000n });
}

/** The shard of a provider that has seen its ack committed. */
async function settledShard(slot: number): Promise<string> {
  const file = path.join(network.homes[slot]!, "data/deals/1/1", shardArtifactName(2, slot));
  await network.until(() => existsSync(file));
  return file;
}

const isPromoted = (): boolean => network.chain.volumes.get(1n)!.slots[SLOT]!.status === SlotStatus.ACTIVE;

test("the candidate rebuilds the slot bit by bit, proves it and serves it; a lying peer does not hinder it", async () => {
  const lost = await readFile(await settledShard(SLOT));
  await network.daemons[SLOT]!.stop();
  // Slot 0 would be read first: its disk has rotted.
  await flipByte(await settledShard(0), 99);
  draw(network.daemons[4]!.address);
  await network.until(isPromoted);
  const rebuilt = await readFile(path.join(network.homes[4]!, "data/deals/1/1", shardArtifactName(2, SLOT)));
  expect(rebuilt.equals(lost)).toBe(true);
  expect(accepted).toEqual([1n]);
  await network.until(() => network.daemons[4]!.status().repairsDone === 1);
  await network.daemons[2]!.stop();
  const result = await get(network.client(), { dealId: 1n, path: "a.bin" });
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  expect(result.sessions.filter(({ confirmed }) => confirmed).map(({ slot }) => slot).sort()).toEqual([1, 3]);
});

test("a candidate that was killed goes on from what it had written", async () => {
  await network.daemons[SLOT]!.stop();
  await network.daemons[4]!.stop();
  // What a kill after the last object leaves: everything in the repair area, nothing proved.
  draw(network.daemons[4]!.address);
  network.chain.on(MsgProveReadinessSchema, () => {
    throw new Refusal("mode2", 18, "not now");
  });
  await network.restart(4);
  const held = path.join(network.homes[4]!, "data/deals/1/1");
  await network.until(() => network.daemons[4]!.status().lastError?.code === "mode2/18");
  await network.daemons[4]!.stop();
  expect(await readdir(held)).toContain("facts.json");
  for (const i of [0, 2, 3]) await network.daemons[i]!.stop();
  let valid = false;
  network.chain.on(MsgProveReadinessSchema, (_, message) => {
    valid = network.verify(message.proof);
    return answer(MsgProveReadinessResponseSchema, { valid });
  });
  // No peer answers any more: only the disk can tell.
  await network.restart(4);
  await network.until(() => valid);
});

test("an acknowledged provider whose ack came too late repairs its own slot", async () => {
  const slot = network.chain.volumes.get(1n)!.slots[SLOT]!;
  await rm(path.dirname(await settledShard(SLOT)), { recursive: true });
  draw(slot.provider);
  await network.until(isPromoted);
  expect(slot.provider).toBe(network.daemons[SLOT]!.address);
});

test("with fewer than K peers nothing is sent to the chain", async () => {
  for (const i of [0, 1, 2]) await network.daemons[i]!.stop();
  draw(network.daemons[4]!.address);
  await network.until(() => network.daemons[4]!.status().lastError?.code === "not_enough_slots");
  expect(accepted).toEqual([]);
});
