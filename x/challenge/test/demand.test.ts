import fc from "fast-check";
import { create } from "@bufbuild/protobuf";
import { ParamsSchema } from "nild/gen/nil/challenge/v1/types_pb.js";
import { VolumeSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import { MDU_PAYLOAD_BYTES, leavesOf, witnessMdus } from "nild/nilfs";
import { demandOf, leafCountOf, quotaOf } from "../demand.js";
import { DEFAULT_PARAMS } from "../params.js";

const params = create(ParamsSchema, DEFAULT_PARAMS);
const beacon = new Uint8Array(32).fill(5);

function volumeOf(k: number, m: number, sizeBytes: bigint, serviceHint = "Hot") {
  const userMdus = (sizeBytes + BigInt(MDU_PAYLOAD_BYTES - 1)) / BigInt(MDU_PAYLOAD_BYTES);
  const witness = BigInt(witnessMdus({ k, m }, Number(userMdus)));
  return create(VolumeSchema, { dealId: 3n, profile: { k, m }, witnessMdus: witness, totalMdus: 1n + witness + userMdus, sizeBytes, serviceHint, generation: 4n });
}

test.each([
  // 133 user MDUs · 8 rows · 131,072 = 139,460,608 bytes; 1 % is 1,394,607 bytes, 11 blobs.
  ["1 GiB in 8+4, hot", volumeOf(8, 4, 1n << 30n), 0, 11],
  // 0.5 % is 697,304 bytes, 6 blobs.
  ["1 GiB in 8+4, cold", volumeOf(8, 4, 1n << 30n, "Cold"), 0, 6],
  ["1 GiB in 8+4, no hint is not hot", volumeOf(8, 4, 1n << 30n, ""), 0, 6],
  ["30 GiB in 8+4: the maximum", volumeOf(8, 4, 30n << 30n), 0, 63],
  ["1 MiB in 8+4: the minimum", volumeOf(8, 4, 1n << 20n), 0, 2],
  ["one blob in 8+4, slot 0 holds it", volumeOf(8, 4, 1_000n), 0, 1],
  ["one blob in 8+4, slot 1 holds nothing", volumeOf(8, 4, 1_000n), 1, 0],
  ["one blob in 8+4, parity holds its row", volumeOf(8, 4, 1_000n), 11, 1],
  ["no user data at all", volumeOf(8, 4, 0n), 0, 0],
])("quota: %s", (_name, volume, slot, quota) => {
  expect(quotaOf(params, volume, slot, volume)).toBe(quota);
});

test("a minimum above what the slot holds asks for what it holds", () => {
  const eager = create(ParamsSchema, { ...DEFAULT_PARAMS, quotaMinBlobs: 63 });
  expect(quotaOf(eager, volumeOf(8, 4, BigInt(MDU_PAYLOAD_BYTES)), 2, volumeOf(8, 4, BigInt(MDU_PAYLOAD_BYTES)))).toBe(8);
});

test.each([
  [0, 11],
  [1, 10],
  [6, 5],
  [7, 5], // half of 11, rounded up, is the most that retrievals excuse
  [1_000, 5],
])("%p credits leave %p of 11 blobs", (credits, needed) => {
  const volume = volumeOf(8, 4, 1n << 30n);
  const demand = demandOf(params, { beacon, volume, slot: 2, content: volume, credits });
  expect(demand.needed).toBe(needed);
  expect(demand.positions).toHaveLength(12);
});

test("credits never excuse the metadata blob", () => {
  const all = create(ParamsSchema, { ...DEFAULT_PARAMS, creditCapBps: 10_000 });
  const volume = volumeOf(8, 4, 1n << 30n);
  const demand = demandOf(all, { beacon, volume, slot: 2, content: volume, credits: 99 });
  expect(demand.needed).toBe(0);
  expect(demand.positions.at(-1)!.mduIndex).toBeLessThanOrEqual(Number(volume.witnessMdus));
});

test("positions are distinct blobs of the slot in user MDUs, the last one lies in the metadata (V14)", () => {
  const arbitrary = fc.record({
    profile: fc.constantFrom({ k: 1, m: 2 }, { k: 2, m: 1 }, { k: 4, m: 2 }, { k: 8, m: 4 }, { k: 16, m: 16 }),
    size: fc.bigInt(1n, 40_000_000n),
    slot: fc.nat(31),
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ profile: { k, m }, size, slot: any, seed }) => {
      const slot = any % (k + m);
      const volume = volumeOf(k, m, size);
      const { positions } = demandOf(params, { beacon: seed, volume, slot, content: volume, credits: 0 });
      const payload = positions.slice(0, -1);
      expect(new Set(payload.map(({ mduIndex, leafIndex }) => `${mduIndex}/${leafIndex}`)).size).toBe(payload.length);
      const rows = 64 / k;
      for (const position of payload) {
        expect(position.mduIndex).toBeGreaterThan(Number(volume.witnessMdus));
        expect(position.mduIndex).toBeLessThan(Number(volume.totalMdus));
        expect(Math.floor(position.leafIndex / rows)).toBe(slot);
        expect(leafCountOf(volume, position)).toBe(leavesOf(volume.profile!));
      }
      const metadata = positions.at(-1)!;
      expect(metadata.mduIndex).toBeLessThanOrEqual(Number(volume.witnessMdus));
      expect(leafCountOf(volume, metadata)).toBe(64);
      if (metadata.mduIndex === 0) expect(metadata.leafIndex === 0 || metadata.leafIndex >= 16).toBe(true);
    }),
    { numRuns: 60 },
  );
});
