import fc from "fast-check";
import { createGf256Kernel, jsGf256Kernel, reconstructShard, wasmGf256Kernel, type Profile } from "nild/nilfs";
import { gfMultiply } from "../rs/gf256.js";
import { encodeParity, parityMatrix , reconstruct } from "../rs/reed_solomon.js";
import { codeOf } from "./codes.js";

const wasm = wasmGf256Kernel()!;
const profiles: Profile[] = [1, 2, 4, 8, 16, 32, 64].flatMap((k) => [1, 2, 5, 128 - k].filter((m) => m <= 64 || k === 1).map((m) => ({ k, m })));
const shardsOf = (k: number, length: number, seed: number): Uint8Array[] =>
  Array.from({ length: k }, (_, s) => Uint8Array.from({ length }, (_, i) => (i * (s + 3) + seed * 101 + ((i * s) >> 3)) & 0xff));

describe("GF(256)", () => {
  it("multiplies as polynomials mod 0x11d", () => {
    const slow = (a: number, b: number): number => {
      let product = 0;
      for (let bit = 0; bit < 8; bit++) if (((b >> bit) & 1) === 1) product ^= a << bit;
      for (let bit = 15; bit >= 8; bit--) if (((product >> bit) & 1) === 1) product ^= 0x11d << (bit - 8);
      return product;
    };
    for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) expect(gfMultiply(a, b)).toBe(slow(a, b));
  });
});

describe("Reed-Solomon", () => {
  it("has the parity rows of 8+4", () => {
    expect([...parityMatrix({ k: 8, m: 4 })]).toEqual(
      [
        [26, 132, 186, 51, 231, 16, 198, 39],
        [132, 26, 51, 186, 16, 231, 39, 198],
        [186, 51, 26, 132, 198, 39, 231, 16],
        [51, 186, 132, 26, 39, 198, 16, 231],
      ].flat(),
    );
  });

  it.each(profiles)("$k+$m: both kernels make the same parity", (profile) => {
    const data = shardsOf(profile.k, 4096 + 40, profile.m); // more than one stripe, and not a multiple of 16
    expect(Buffer.compare(Buffer.concat(encodeParity(profile, wasm, data)), Buffer.concat(encodeParity(profile, jsGf256Kernel, data)))).toBe(0);
  });

  it.each(profiles)("$k+$m: any K slots give all slots back", (profile) => {
    const slots = profile.k + profile.m;
    const data = shardsOf(profile.k, 48, 7);
    const all = [...data, ...encodeParity(profile, wasm, data)];
    const order = Array.from({ length: slots }, (_, slot) => slot);
    fc.assert(
      fc.property(fc.shuffledSubarray(order, { minLength: profile.k, maxLength: profile.k }), fc.boolean(), (kept, useJs) => {
        const available = new Map(kept.map((slot) => [slot, all[slot]!]));
        const rebuilt = reconstruct(profile, useJs ? jsGf256Kernel : wasm, available, order);
        expect(order.filter((slot) => Buffer.compare(rebuilt.get(slot)!, all[slot]!) !== 0)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it("K=1 copies the data to every slot", () => {
    const data = shardsOf(1, 64, 2);
    expect(encodeParity({ k: 1, m: 3 }, wasm, data)).toEqual([data[0], data[0], data[0]]);
  });

  it("does not change what it reads", () => {
    const data = shardsOf(4, 32, 1);
    encodeParity({ k: 4, m: 2 }, wasm, data);
    expect(data).toEqual(shardsOf(4, 32, 1));
  });

  it("refuses too few, unequal or unknown shards", () => {
    const profile = { k: 4, m: 2 };
    const data = shardsOf(4, 32, 1);
    const some = (slots: number[]): Map<number, Uint8Array> => new Map(slots.map((slot, i) => [slot, data[i]!]));
    expect(codeOf(() => reconstruct(profile, wasm, some([0, 1, 2]), [3]))).toBe("not_enough_shards");
    expect(codeOf(() => reconstruct(profile, wasm, new Map(), [3]))).toBe("not_enough_shards");
    expect(codeOf(() => reconstruct(profile, wasm, some([0, 1, 2, 6]), [3]))).toBe("index_out_of_range");
    expect(codeOf(() => reconstruct(profile, wasm, some([0, 1, 2, 4]), [6]))).toBe("index_out_of_range");
    expect(codeOf(() => reconstruct(profile, wasm, some([0, 1, 2, 4]).set(1, new Uint8Array(31)), [3]))).toBe("bad_length");
    expect(codeOf(() => reconstructShard(profile, some([0, 1, 2, 4]), 3))).toBe("bad_length"); // not whole shards
  });

  it("loads the WASM kernel here", () => expect(createGf256Kernel().name).toBe("wasm"));
});
