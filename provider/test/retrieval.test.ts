import path from "node:path";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { get, put, type GetResult } from "nild/client";
import { codeOf } from "../../client/test/codes.js";
import { flipByte, pattern } from "./bytes.js";
import { Network } from "./network.js";

const FILE = pattern(3_000, 1);
const dealId = 1n;

let network: Network;

beforeAll(async () => {
  network = await Network.start(4);
  network.deal({ k: 2, m: 2 });
  await put(network.client(), { deal: dealId, files: [{ path: "a.bin", bytes: FILE }] });
});

afterAll(() => network.stop());

function read(range?: { from: number; to: number }): Promise<GetResult> {
  return get(network.client(), { dealId, path: "a.bin", ...(range === undefined ? {} : { range }) });
}

function shardFile(slot: number): string {
  return path.join(network.homes[slot]!, `data/deals/1/1/mdu_2_slot_${slot}.bin`);
}

test("the file comes back, whole and in ranges, from as many sessions as its bytes need", async () => {
  const whole = await read();
  expect(Buffer.from(whole.bytes).equals(FILE)).toBe(true);
  // 3,000 bytes lie in the first blob: slot 0 alone.
  expect(whole.sessions).toMatchObject([{ slot: 0, blobs: 1, confirmed: true }]);
  expect(whole.liars).toEqual([]);
  expect(Buffer.from((await read({ from: 100, to: 131 })).bytes)).toEqual(Buffer.from(FILE.subarray(100, 131)));
  const empty = await read({ from: 5, to: 5 });
  expect([empty.sessions.length, empty.length]).toEqual([0, 0]);
});

test("providers prove what they served, with valid openings, and the sessions complete", async () => {
  const before = network.daemons[0]!.status();
  await read();
  await network.until(() => [...network.chain.sessions.values()].every(({ status }) => status === Status.COMPLETED));
  await network.until(() => network.daemons[0]!.status().sessionsProved > before.sessionsProved);
  expect(network.daemons[0]!.status().blobsServed).toBe(before.blobsServed + 1);
});

test.each([[[0]], [[0, 1]], [[0, 3]]])("any K slots rebuild the file: without %j", async (gone) => {
  for (const i of gone) await network.daemons[i]!.stop();
  const result = await read();
  for (const i of gone) await network.restart(i);
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  expect(result.missing.map(({ slot, code }) => [slot, code])).toEqual(gone.map((slot) => [slot, "unreachable"]));
});

test("with fewer than K slots it ends, having paid nobody", async () => {
  for (const i of [0, 1, 2]) await network.daemons[i]!.stop();
  const sessions = network.chain.sessions.size;
  const code = await codeOf(read());
  for (const i of [0, 1, 2]) await network.restart(i);
  expect(code).toBe("not_enough_slots");
  expect(network.chain.sessions.size).toBe(sessions);
});

test("a provider that serves flipped bytes is named with signed evidence; the file is whole all the same", async () => {
  await network.daemons[0]!.stop();
  await network.restart(0, { faults: { serveUnchecked: true } });
  await flipByte(shardFile(0), 50);
  const result = await read();
  await flipByte(shardFile(0), 50);
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  expect(result.liars).toMatchObject([{ slot: 0, provider: network.daemons[0]!.address, reason: "bad_bytes" }]);
  const evidence = result.liars[0]!.evidence!;
  expect(evidence.response).toMatchObject({ mduIndex: 2, leafIndex: 0, dealId, generation: 1n });
  expect(evidence.blob.length).toBe(131_072);
  expect(result.sessions.filter(({ confirmed }) => !confirmed)).toMatchObject([{ slot: 0 }]);
  await network.daemons[0]!.stop();
  await network.restart(0);
});

test("an honest provider whose disk rotted refuses, and is not called a liar", async () => {
  await flipByte(shardFile(0), 50);
  const result = await read();
  await flipByte(shardFile(0), 50);
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  expect(result.liars).toEqual([]);
  expect(result.missing).toMatchObject([{ slot: 0, code: "corrupt_object" }]);
  expect(network.daemons[0]!.status()).toMatchObject({ corruptObjects: 1, lastError: { code: "corrupt_object" } });
});

test("an answer signed by another key than the registered one is a lie", async () => {
  const record = network.chain.providers.get(network.daemons[0]!.address)!;
  const { responseKey } = record;
  record.responseKey = network.daemons[1]!.responsePublicKey;
  const result = await read();
  record.responseKey = responseKey;
  expect(result.liars).toMatchObject([{ slot: 0, reason: "bad_signature" }]);
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
});

test("false metadata is a lie too; another provider's is taken", async () => {
  const volume = network.chain.volumes.get(dealId)!;
  const { mdu0Hash } = volume;
  volume.mdu0Hash = new Uint8Array(32);
  const code = await codeOf(read());
  volume.mdu0Hash = mdu0Hash;
  expect(code).toBe("no_metadata");
});

test("slots under repair are not read from", async () => {
  const slot = network.chain.volumes.get(dealId)!.slots[0]!;
  slot.status = SlotStatus.REPAIRING;
  const result = await read();
  slot.status = SlotStatus.ACTIVE;
  expect(result.sessions.map((session) => session.slot).sort()).toEqual([1, 2]);
});

test("a slot that goes into repair while its session is being opened is read around", async () => {
  const slot = network.chain.volumes.get(dealId)!.slots[0]!;
  const result = await get(network.client(), {
    dealId,
    path: "a.bin",
    onProgress: ({ phase }) => {
      if (phase === "sessions") slot.status = SlotStatus.REPAIRING;
    },
  });
  slot.status = SlotStatus.ACTIVE;
  expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  expect(result.sessions.map((session) => session.slot).sort()).toEqual([1, 2]);
});

test.each([[{ from: -1, to: 5 }], [{ from: 6, to: 5 }], [{ from: 0, to: 3_001 }], [{ from: 0.5, to: 5 }]])("range %j is refused before a session is paid", async (range) => {
  const sessions = network.chain.sessions.size;
  expect(await codeOf(read(range))).toBe("bad_range");
  expect(network.chain.sessions.size).toBe(sessions);
});

test("an unknown path and an empty deal have their codes", async () => {
  expect(await codeOf(get(network.client(), { dealId, path: "nope" }))).toBe("file_not_found");
  network.deal({ k: 2, m: 2 }, 1, 2n);
  expect(await codeOf(get(network.client(), { dealId: 2n, path: "a.bin" }))).toBe("no_content");
});
