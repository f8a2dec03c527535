import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import {
  MDU_PAYLOAD_BYTES,
  drawPositions,
  holdsPayload,
  inSession,
  metadataPosition,
  poolSize,
  rowsOf,
  sessionBlob,
  sessionPositions,
  slotsOf,
  userMdusFor,
  witnessMdus,
  type Position,
  type Profile,
} from "nild/nilfs";
import { codeOf } from "./codes.js";

const beacon = sha256(new Uint8Array([1]));
const shapeOf = (profile: Profile, sizeBytes: number) => {
  const userMdus = userMdusFor(sizeBytes);
  const witness = witnessMdus(profile, userMdus);
  return { profile, sizeBytes, witnessMdus: witness, totalMdus: 1 + witness + userMdus };
};
const seed = { beacon, dealId: 7n, generation: 1n, slot: 0 };
const keyOf = (position: Position): string => `${position.mduIndex}/${position.leafIndex}`;
const anyProfile = fc.constantFrom<Profile>({ k: 8, m: 4 }, { k: 1, m: 2 }, { k: 2, m: 1 }, { k: 64, m: 3 }, { k: 16, m: 16 });

describe("challenge positions", () => {
  it("are distinct, of the slot, inside the user MDUs, on blobs with payload", () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 5 * MDU_PAYLOAD_BYTES }), fc.nat(127), fc.integer({ min: 0, max: 63 }), fc.uint8Array({ minLength: 32, maxLength: 32 }), (profile, size, anySlot, count, r) => {
        const shape = shapeOf(profile, size);
        const slot = anySlot % slotsOf(profile);
        const positions = drawPositions({ ...shape, ...seed, beacon: r, slot, count });
        expect(positions).toHaveLength(Math.min(count, poolSize(shape, slot)));
        expect(new Set(positions.map(keyOf)).size).toBe(positions.length);
        for (const { mduIndex, leafIndex } of positions) {
          const row = leafIndex - slot * rowsOf(profile);
          const userMdu = mduIndex - 1 - shape.witnessMdus;
          expect(row >= 0 && row < rowsOf(profile) && userMdu >= 0 && mduIndex < shape.totalMdus).toBe(true);
          expect(holdsPayload(shape, slot, userMdu, row)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("a longer draw begins with the shorter one, so credits excuse only the tail", () => {
    const shape = shapeOf({ k: 8, m: 4 }, 3 * MDU_PAYLOAD_BYTES);
    const all = drawPositions({ ...shape, ...seed, count: 20 });
    expect(drawPositions({ ...shape, ...seed, count: 6 })).toEqual(all.slice(0, 6));
  });

  it("first position follows the published formula", () => {
    const shape = shapeOf({ k: 8, m: 4 }, 3 * MDU_PAYLOAD_BYTES);
    const u64 = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(16, "0"), "hex");
    const h = sha256(Buffer.concat([Buffer.from("nilstore/chal/v1"), beacon, u64(7n), u64(1n), u64(5n), u64(0n)]));
    const view = new DataView(h.buffer);
    const mduIndex = 1 + shape.witnessMdus + Number(view.getBigUint64(0) % 3n);
    expect(drawPositions({ ...shape, ...seed, slot: 5, count: 1 })).toEqual([{ mduIndex, leafIndex: 5 * 8 + Number(view.getBigUint64(8) % 8n) }]);
  });

  it.each([
    ["beacon", { beacon: sha256(new Uint8Array([2])) }],
    ["deal", { dealId: 8n }],
    ["generation", { generation: 2n }],
    ["candidate", { prover: new Uint8Array(20) }],
  ])("change with the %s", (_, change) => {
    const shape = shapeOf({ k: 8, m: 4 }, 4 * MDU_PAYLOAD_BYTES);
    expect(drawPositions({ ...shape, ...seed, ...change, count: 8 })).not.toEqual(drawPositions({ ...shape, ...seed, count: 8 }));
  });

  it("ask nothing of a slot without payload, and parity of its row's", () => {
    const shape = shapeOf({ k: 8, m: 4 }, 1024);
    expect([0, 1, 7, 8, 11].map((slot) => poolSize(shape, slot))).toEqual([1, 0, 0, 1, 1]);
    expect(drawPositions({ ...shape, ...seed, slot: 1, count: 5 })).toEqual([]);
    expect(drawPositions({ ...shape, ...seed, slot: 8, count: 5 })).toEqual([{ mduIndex: 2, leafIndex: 64 }]);
    expect(poolSize(shapeOf({ k: 8, m: 4 }, 0), 0)).toBe(0);
    expect(drawPositions({ ...shapeOf({ k: 8, m: 4 }, 0), ...seed, count: 5 })).toEqual([]);
  });

  it("count payload blobs exactly at blob borders", () => {
    const pools = (size: number): number[] => [0, 1, 8].map((slot) => poolSize(shapeOf({ k: 8, m: 4 }, size), slot));
    expect(pools(126_976)).toEqual([1, 0, 1]);
    expect(pools(126_977)).toEqual([1, 1, 1]);
    expect(pools(126_976 * 8 + 1)).toEqual([2, 1, 2]);
    expect(pools(MDU_PAYLOAD_BYTES)).toEqual([8, 8, 8]);
    expect(pools(MDU_PAYLOAD_BYTES + 1)).toEqual([9, 8, 9]);
  });

  it("refuse numbers that do not agree", () => {
    const shape = { ...shapeOf({ k: 8, m: 4 }, 100), ...seed, count: 3 };
    expect(codeOf(() => drawPositions({ ...shape, totalMdus: 4 }))).toBe("bad_integer");
    expect(codeOf(() => drawPositions({ ...shape, sizeBytes: MDU_PAYLOAD_BYTES + 1 }))).toBe("bad_integer");
    expect(codeOf(() => drawPositions({ ...shape, sizeBytes: -1n }))).toBe("bad_integer");
    expect(codeOf(() => drawPositions({ ...shape, witnessMdus: 0, totalMdus: 2 }))).toBe("bad_integer");
    expect(codeOf(() => drawPositions({ ...shape, witnessMdus: 3, totalMdus: 2 }))).toBe("bad_integer");
    expect(codeOf(() => drawPositions({ ...shape, slot: 12 }))).toBe("index_out_of_range");
    expect(codeOf(() => drawPositions({ ...shape, profile: { k: 3, m: 1 } }))).toBe("bad_profile");
    expect(codeOf(() => drawPositions({ ...shape, beacon: new Uint8Array(31) }))).toBe("bad_length");
    expect(codeOf(() => drawPositions({ ...shape, prover: new Uint8Array(32) }))).toBe("bad_length");
    expect(codeOf(() => drawPositions({ ...shape, dealId: 2n ** 64n }))).toBe("bad_integer");
  });
});

describe("metadata positions", () => {
  it("are MDU 0's blob 0 and 16..63 or a witness blob that holds commitments, and reach all of them", () => {
    const shape = shapeOf({ k: 8, m: 4 }, 60 * MDU_PAYLOAD_BYTES); // 60·96·48 B of commitments: 3 witness blobs
    const seen = new Set<string>();
    for (let deal = 0; deal < 1500; deal++) seen.add(keyOf(metadataPosition({ ...shape, ...seed, dealId: deal })));
    const expected = ["0/0", ...Array.from({ length: 48 }, (_, i) => `0/${16 + i}`), "1/0", "1/1", "1/2"];
    expect([...seen].sort()).toEqual(expected.sort());
  });

  it("never leave MDU 0 when there is no user data", () => {
    const shape = shapeOf({ k: 8, m: 4 }, 0);
    for (let deal = 0; deal < 100; deal++) expect(metadataPosition({ ...shape, ...seed, dealId: deal }).mduIndex).toBe(0);
  });

  it("run on into the second witness MDU", () => {
    const profile = { k: 64, m: 64 };
    const shape = { profile, witnessMdus: 2, totalMdus: 3 + 1400 };
    const mdus = new Set<number>();
    for (let deal = 0; deal < 300; deal++) mdus.add(metadataPosition({ ...shape, ...seed, dealId: deal }).mduIndex);
    expect([...mdus].sort()).toEqual([0, 1, 2]);
  });
});

describe("session positions", () => {
  const range = { profile: { k: 8, m: 4 }, slot: 3, startMdu: 5, startBlob: 3 * 8 + 6, blobCount: 19 };

  it("run through the slot's rows, MDU by MDU", () => {
    expect([0, 1, 2, 9, 10, 18].map((i) => keyOf(sessionBlob(range, i)))).toEqual(["5/30", "5/31", "6/24", "6/31", "7/24", "8/24"]);
    expect(codeOf(() => sessionBlob(range, 19))).toBe("index_out_of_range");
    expect(codeOf(() => sessionBlob({ ...range, startBlob: 32 }, 0))).toBe("index_out_of_range");
    expect(codeOf(() => sessionBlob({ ...range, startBlob: 23 }, 0))).toBe("index_out_of_range");
  });

  it("tell what lies in the range", () => {
    const inside = new Set(Array.from({ length: 19 }, (_, i) => keyOf(sessionBlob(range, i))));
    for (let mduIndex = 3; mduIndex < 10; mduIndex++) {
      for (let leafIndex = 0; leafIndex < 96; leafIndex++) expect(inSession(range, { mduIndex, leafIndex })).toBe(inside.has(keyOf({ mduIndex, leafIndex })));
    }
  });

  it("are distinct, in the range, and as many as there can be", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 40 }), (r, blobCount) => {
        const positions = sessionPositions(r, { ...range, blobCount }, 8);
        expect(new Set(positions.map(keyOf)).size).toBe(Math.min(8, blobCount));
        expect(positions.every((position) => inSession({ ...range, blobCount }, position))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
