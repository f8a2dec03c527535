import { readdir } from "node:fs/promises";
import path from "node:path";
import { get, ls, put, type GetResult, type PutProgress } from "nild/client";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { codeOf } from "../../client/test/codes.js";
import { flipByte, pattern } from "./bytes.js";
import { Network } from "./network.js";

const PROFILE = { k: 2, m: 2 };
const FILE = pattern(3_000, 1);

let network: Network;

afterEach(() => network.stop());

async function stored(count = 4, options: Parameters<typeof Network.start>[1] = undefined): Promise<bigint> {
  network = await Network.start(count, options);
  const dealId = network.deal(PROFILE);
  await put(network.client(), { deal: dealId, files: [{ path: "a.bin", bytes: FILE }] });
  return dealId;
}

function read(dealId: bigint, range?: { from: number; to: number }): Promise<GetResult> {
  return get(network.client(), { dealId, path: "a.bin", ...(range === undefined ? {} : { range }) });
}

describe("put", () => {
  test("every slot acks, the chain gets the commit, and providers hold what it names", async () => {
    network = await Network.start(4);
    const dealId = network.deal(PROFILE);
    const seen: PutProgress[] = [];
    const result = await put(network.client(), { deal: dealId, files: [{ path: "a.bin", bytes: FILE }], onProgress: (p) => seen.push(p) });
    expect(result).toMatchObject({ generation: 1n, ackedSlots: [0, 1, 2, 3], failed: [], charged: 5n, sizeBytes: 3_000 });
    expect(network.chain.volumes.get(dealId)!.manifestRoot).toEqual(result.manifestRoot);
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(["placement", "encode", "upload", "ack", "commit"]));
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
  });

  test("a dead provider's slot is named and the others commit", async () => {
    network = await Network.start(4);
    const dealId = network.deal(PROFILE);
    await network.daemons[3]!.stop();
    const result = await put(network.client(), { deal: dealId, files: [{ path: "a.bin", bytes: FILE }] });
    expect(result.ackedSlots).toEqual([0, 1, 2]);
    expect(result.failed).toMatchObject([{ slot: 3, provider: network.daemons[3]!.address, code: "unreachable" }]);
  });

  test("with K acks only nothing is committed; a second run sends only what is missing", async () => {
    network = await Network.start(4);
    const dealId = network.deal(PROFILE);
    const files = [{ path: "a.bin", bytes: FILE }];
    await network.daemons[2]!.stop();
    await network.daemons[3]!.stop();
    expect(await codeOf(put(network.client(), { deal: dealId, files }))).toBe("too_few_acks");
    expect(network.chain.executed).toEqual([]);
    await network.restart(2, network.homes[2]!);
    const again = await put(network.client(), { deal: dealId, files });
    expect(again.ackedSlots).toEqual([0, 1, 2]);
    // Two providers had everything: manifest, MDU 0, one witness MDU and one shard of 32 rows each.
    expect(again.skippedBytes).toBe(2 * (1 + 64 + 64 + 32) * 131_072);
  });

  test("a filled deal is not overwritten unless asked for", async () => {
    const dealId = await stored();
    const files = [{ path: "b.bin", bytes: pattern(500, 2) }];
    expect(await codeOf(put(network.client(), { deal: dealId, files }))).toBe("deal_has_content");
    const second = await put(network.client(), { deal: dealId, files, replace: true });
    expect(second.generation).toBe(2n);
    expect((await ls(network.client(), dealId)).map(({ path }) => path)).toEqual(["b.bin"]);
  });

  test("no file and an unknown deal are refused before anything is sent", async () => {
    network = await Network.start(0);
    expect(await codeOf(put(network.client(), { deal: 1n, files: [] }))).toBe("bad_file");
    expect(await codeOf(put(network.client(), { deal: 99n, files: [{ path: "a", bytes: FILE }] }))).toBe("placement_failed");
  });
});

describe("get", () => {
  test("gives the file back, whole and in ranges, from as many sessions as its bytes need", async () => {
    const dealId = await stored();
    const whole = await read(dealId);
    expect(Buffer.from(whole.bytes).equals(FILE)).toBe(true);
    // 3,000 bytes lie in the first blob: slot 0 alone.
    expect(whole.sessions).toMatchObject([{ slot: 0, blobs: 1, confirmed: true }]);
    expect(whole.liars).toEqual([]);
    expect(Buffer.from((await read(dealId, { from: 100, to: 131 })).bytes)).toEqual(Buffer.from(FILE.subarray(100, 131)));
    expect((await read(dealId, { from: 5, to: 5 })).sessions).toEqual([]);
  });

  test("the providers prove what they served and the session completes", async () => {
    const dealId = await stored();
    await read(dealId);
    await network.until(() => [...network.chain.sessions.values()].every(({ status }) => status === Status.COMPLETED));
    expect(network.daemons[0]!.status()).toMatchObject({ sessionsProved: 1, blobsServed: 1 });
  });

  test.each([[[0]], [[0, 1]], [[0, 3]], [[1, 2]]])("any K slots rebuild the file: without %s", async (gone) => {
    const dealId = await stored();
    for (const i of gone) await network.daemons[i]!.stop();
    const result = await read(dealId);
    expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
    expect(result.missing.map(({ slot, code }) => [slot, code])).toEqual(gone.map((slot) => [slot, "unreachable"]));
  });

  test("with fewer than K slots it says which failed", async () => {
    const dealId = await stored();
    for (const i of [0, 1, 2]) await network.daemons[i]!.stop();
    expect(await codeOf(read(dealId))).toBe("not_enough_slots");
  });

  test("a provider that serves flipped bytes is named with the signed evidence, and the file is whole all the same", async () => {
    const dealId = await stored(4, (i) => (i === 0 ? { faults: { serveUnchecked: true } } : {}));
    await read(dealId);
    await flipByte(await shardFile(0), 5_0);
    const result = await read(dealId);
    expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
    expect(result.liars).toMatchObject([{ slot: 0, provider: network.daemons[0]!.address, reason: "bad_bytes" }]);
    expect(result.liars[0]!.evidence!.blob.length).toBe(131_072);
    expect(result.sessions.filter(({ confirmed }) => !confirmed)).toMatchObject([{ slot: 0 }]);
  });

  test("an honest provider whose disk rotted refuses, and is not called a liar", async () => {
    const dealId = await stored();
    await read(dealId);
    await flipByte(await shardFile(0), 50);
    const result = await read(dealId);
    expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
    expect(result.liars).toEqual([]);
    expect(result.missing).toMatchObject([{ slot: 0, code: "corrupt_object" }]);
    expect(network.daemons[0]!.status()).toMatchObject({ corruptObjects: 1, lastError: { code: "corrupt_object" } });
  });

  test("an answer signed by another key than the registered one is a lie", async () => {
    const dealId = await stored();
    network.chain.providers.get(network.daemons[0]!.address)!.responseKey = network.daemons[1]!.responsePublicKey;
    const result = await read(dealId);
    expect(result.liars).toMatchObject([{ slot: 0, reason: "bad_signature" }]);
    expect(Buffer.from(result.bytes).equals(FILE)).toBe(true);
  });

  test.each([
    [{ from: -1, to: 5 }, "bad_range"],
    [{ from: 6, to: 5 }, "bad_range"],
    [{ from: 0, to: 3_001 }, "bad_range"],
    [{ from: 0.5, to: 5 }, "bad_range"],
  ])("range %j is refused", async (range, code) => {
    const dealId = await stored();
    expect(await codeOf(read(dealId, range))).toBe(code);
  });

  test("an unknown path and an empty deal have their codes", async () => {
    const dealId = await stored();
    expect(await codeOf(get(network.client(), { dealId, path: "nope" }))).toBe("file_not_found");
    network.deal(PROFILE, 1, 2n);
    expect(await codeOf(get(network.client(), { dealId: 2n, path: "a.bin" }))).toBe("no_content");
    expect(network.chain.sessions.size).toBe(0);
  });

  test("slots under repair are not read from", async () => {
    const dealId = await stored();
    network.chain.volumes.get(dealId)!.slots[0]!.status = SlotStatus.REPAIRING;
    expect((await read(dealId)).sessions.map(({ slot }) => slot).sort()).toEqual([1, 2]);
  });
});

async function shardFile(daemon: number): Promise<string> {
  const directory = path.join(network.homes[daemon]!, "data/deals/1/1");
  const name = (await readdir(directory)).find((file) => /_slot_\d+\.bin$/.test(file))!;
  return path.join(directory, name);
}
