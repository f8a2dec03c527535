import { ls, put, type PutProgress } from "nild/client";
import { codeOf } from "../../client/test/codes.js";
import { pattern } from "./bytes.js";
import { Network } from "./network.js";

const PROFILE = { k: 2, m: 2 };
const FILES = [{ path: "a.bin", bytes: pattern(3_000, 1) }];

let network: Network;

beforeAll(async () => {
  network = await Network.start(4);
});

afterAll(() => network.stop());

describe("put", () => {
  test("every slot acks and the chain gets the commit; what a deal holds is not overwritten unless asked for", async () => {
    const dealId = network.deal(PROFILE, 1, 1n);
    const seen: PutProgress[] = [];
    const result = await put(network.client(), { deal: dealId, files: FILES, onProgress: (p) => seen.push(p) });
    expect(result).toMatchObject({ generation: 1n, ackedSlots: [0, 1, 2, 3], failed: [], charged: 5n, sizeBytes: 3_000 });
    expect(network.chain.volumes.get(dealId)!.manifestRoot).toEqual(result.manifestRoot);
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(["placement", "encode", "upload", "ack", "commit"]));
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);

    const other = [{ path: "b.bin", bytes: pattern(500, 2) }];
    expect(await codeOf(put(network.client(), { deal: dealId, files: other }))).toBe("deal_has_content");
    const second = await put(network.client(), { deal: dealId, files: other, replace: true });
    expect(second.generation).toBe(2n);
    expect(await ls(network.client(), dealId)).toEqual([{ path: "b.bin", length: 500, timestamp: 0n, flags: 0 }]);
  });

  test("with K acks only nothing is committed; a second run sends only what is missing, and a dead slot is named", async () => {
    const dealId = network.deal(PROFILE, 1, 2n);
    const before = network.chain.executed.length;
    await network.daemons[2]!.stop();
    await network.daemons[3]!.stop();
    expect(await codeOf(put(network.client(), { deal: dealId, files: FILES }))).toBe("too_few_acks");
    expect(network.chain.executed.length).toBe(before);
    await network.restart(2);
    const again = await put(network.client(), { deal: dealId, files: FILES });
    expect(again.ackedSlots).toEqual([0, 1, 2]);
    expect(again.failed).toMatchObject([{ slot: 3, provider: network.daemons[3]!.address, code: "unreachable" }]);
    // Two providers had everything: manifest, MDU 0, one witness MDU and one shard of 32 rows each.
    expect(again.skippedBytes).toBe(2 * (1 + 64 + 64 + 32) * 131_072);
    await network.restart(3);
  });

  test("no file and an unknown deal are refused before anything is sent", async () => {
    expect(await codeOf(put(network.client(), { deal: 1n, files: [] }))).toBe("bad_file");
    expect(await codeOf(put(network.client(), { deal: 99n, files: FILES }))).toBe("placement_failed");
  });
});
