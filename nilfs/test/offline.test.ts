import { createHash } from "node:crypto";
import { link, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIELD_ORDER, MDU_PAYLOAD_BYTES, type Kzg } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { decode, encode, inspect, prove, verify, type ProofJson, type SlabJson } from "nild/nilfs/offline";
import { scalarBytes } from "../kzg/field.js";
import { codeOfAsync } from "./codes.js";

const profile = { k: 8, m: 4 };
const z = scalarBytes(42n);
let kzg: Kzg;
let dir: string;
let file: string;
let encoded: string;
let slab: SlabJson;
const content = new Uint8Array(MDU_PAYLOAD_BYTES + 300_000); // mostly zeros: few blobs cost a commitment
content.set(Uint8Array.from({ length: 2000 }, (_, i) => (i * 11) & 0xff), 130_000);
content.set([1, 2, 3], content.length - 3);

beforeAll(async () => {
  kzg = await nativeKzg();
  dir = await mkdtemp(join(tmpdir(), "nilfs-"));
  file = join(dir, "input.dat");
  encoded = join(dir, "encoded");
  await writeFile(file, content);
  slab = await encode(kzg.prover, file, encoded, { profile });
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** A copy of the encoded folder, by links: change its files by `replace` only. */
async function copy(name: string, without: readonly string[] = []): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder);
  for (const artifact of await readdir(encoded)) if (!without.includes(artifact)) await link(join(encoded, artifact), join(folder, artifact));
  return folder;
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  await rm(path);
  await writeFile(path, content);
}

async function damage(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= 1;
  await replace(path, bytes);
}

const shardsOfSlots = (...slots: number[]): string[] => slots.flatMap((slot) => [2, 3].map((mdu) => `mdu_${mdu}_slot_${slot}.bin`));

describe("encode and inspect", () => {
  it("write the artifacts, and report the same slab", async () => {
    const shards = Array.from({ length: 12 }, (_, slot) => shardsOfSlots(slot)).flat();
    expect((await readdir(encoded)).sort()).toEqual(["manifest.bin", "mdu_0.bin", "mdu_1.bin", "slab.json", ...shards].sort());
    const { spec, mdu0_hash: mdu0Hash, ...common } = slab;
    const { slot_sha256: slots, ...report } = await inspect(kzg.prover, file, { profile });
    expect(report).toEqual(common);
    expect([spec, report.path, report.bytes, report.profile]).toEqual(["mode2-artifacts-v1", "input.dat", content.length, "8+4"]);
    const hashOf = async (name: string): Promise<string> => `0x${createHash("sha256").update(await readFile(join(encoded, name))).digest("hex")}`;
    expect(mdu0Hash).toBe(await hashOf("mdu_0.bin"));
    expect(slots.map((mdu) => mdu.length)).toEqual([12, 12]);
    expect(slots[1]![11]).toBe(await hashOf("mdu_3_slot_11.bin"));
  });

  it("take a path, a timestamp and room for appends, which change the root", async () => {
    const tiny = join(dir, "tiny");
    await writeFile(tiny, "x");
    const plain = await inspect(kzg.prover, tiny, { profile: { k: 1, m: 64 } });
    const named = await inspect(kzg.prover, tiny, { profile: { k: 1, m: 64 }, path: "a/b", timestamp: 9n, maxUserMdus: 41 });
    expect([named.path, named.witness_mdus, plain.witness_mdus]).toEqual(["a/b", 2, 1]);
    expect(named.user_roots).toEqual(plain.user_roots);
    expect(named.manifest_root).not.toBe(plain.manifest_root);
  });

  it("refuse a missing file, a folder, a long name and an occupied folder, leaving nothing behind", async () => {
    expect(await codeOfAsync(() => inspect(kzg.prover, join(dir, "none"), { profile }))).toBe("io");
    expect(await codeOfAsync(() => encode(kzg.prover, dir, join(dir, "out1"), { profile, path: "a" }))).toBe("io");
    expect(await codeOfAsync(() => encode(kzg.prover, file, join(dir, "out1"), { profile, path: "x".repeat(41) }))).toBe("bad_path");
    expect(await codeOfAsync(() => encode(kzg.prover, file, join(dir, "out1"), { profile: { k: 9, m: 1 } }))).toBe("bad_profile");
    expect(await codeOfAsync(() => encode(kzg.prover, file, encoded, { profile }))).toBe("io");
    expect((await readdir(dir)).filter((name) => name.startsWith("out1"))).toEqual([]);
  });
});

describe("decode", () => {
  const decodeTo = async (folder: string): Promise<{ damaged: string[]; equal: boolean }> => {
    const out = `${folder}.out`;
    const { damaged } = await decode(kzg.prover, folder, out);
    return { damaged, equal: Buffer.compare(await readFile(out), content) === 0 };
  };

  it("gives the file back, byte for byte", async () => expect(await decodeTo(encoded)).toEqual({ damaged: [], equal: true }));

  it("does so from any K slots", async () => {
    expect(await decodeTo(await copy("k1", shardsOfSlots(0, 1, 2, 3)))).toEqual({ damaged: [], equal: true });
    expect(await decodeTo(await copy("k2", shardsOfSlots(0, 5, 8, 11)))).toEqual({ damaged: [], equal: true });
  });

  it("finds damaged shards and takes others", async () => {
    const folder = await copy("damaged", shardsOfSlots(7));
    await damage(join(folder, "mdu_2_slot_1.bin"), 40_000);
    await damage(join(folder, "mdu_3_slot_9.bin"), 32); // not data, not needed until one is missing
    await replace(join(folder, "mdu_3_slot_0.bin"), "short");
    expect(await decodeTo(folder)).toEqual({ damaged: ["mdu_2_slot_1.bin", "mdu_3_slot_9.bin"], equal: true });
  });

  it("says so when there are too few, and leaves no output", async () => {
    const folder = await copy("few", shardsOfSlots(0, 1, 2, 3, 4));
    expect(await codeOfAsync(() => decode(kzg.prover, folder, join(dir, "few.out")))).toBe("not_enough_shards");
    expect((await readdir(dir)).filter((name) => name.startsWith("few.out"))).toEqual([]);
  });

  it.each([
    ["mdu_0.bin", 3000],
    ["mdu_1.bin", 50],
    ["manifest.bin", 40],
  ])("refuses a damaged %s", async (name, at) => {
    const folder = await copy(`bad-${name}`);
    await damage(join(folder, name), at);
    expect(await codeOfAsync(() => decode(kzg.prover, folder, join(dir, "bad.out")))).toBe("metadata_mismatch");
    await rm(join(folder, name));
    expect(await codeOfAsync(() => decode(kzg.prover, folder, join(dir, "bad.out")))).toBe("io");
  });

  it.each<[string, (json: Record<string, unknown>) => unknown, string]>([
    ["not an object", () => [], "bad_json"],
    ["of another spec", (json) => ({ ...json, spec: "v2" }), "bad_json"],
    ["without a root", ({ manifest_root: _, ...json }) => json, "bad_json"],
    ["with a root in capitals", (json) => ({ ...json, manifest_root: String(json["manifest_root"]).toUpperCase() }), "bad_json"],
    ["with a count as text", (json) => ({ ...json, total_mdus: "4" }), "bad_json"],
    ["with a bad profile", (json) => ({ ...json, profile: "8+0" }), "bad_profile"],
    ["with a witness of millions", (json) => ({ ...json, witness_mdus: 5_000_000 }), "slab_too_large"],
    ["with another hash", (json) => ({ ...json, mdu0_hash: `0x${"00".repeat(32)}` }), "metadata_mismatch"],
  ])("refuses a slab.json %s", async (name, change, code) => {
    const folder = await copy(`json-${name}`, shardsOfSlots(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    await replace(join(folder, "slab.json"), JSON.stringify(change({ ...slab })));
    expect(await codeOfAsync(() => decode(kzg.prover, folder, join(dir, "json.out")))).toBe(code);
  });

  it("refuses a name the slab does not hold", async () => {
    expect(await codeOfAsync(() => decode(kzg.prover, encoded, join(dir, "no.out"), "other"))).toBe("file_not_found");
  });
});

describe("prove and verify", () => {
  const proofFile = async (proof: unknown): Promise<string> => {
    const path = join(dir, "proof.json");
    await writeFile(path, typeof proof === "string" ? proof : JSON.stringify(proof));
    return path;
  };
  const verdict = async (proof: unknown): Promise<string> => {
    const result = await verify(kzg.verifier, await proofFile(proof));
    return result.exit === 0 ? "0" : result.exit === 1 ? `1 ${result.hop}` : `2 ${result.error.code}`;
  };
  let good: ProofJson;

  beforeAll(async () => {
    good = await prove(kzg.prover, encoded, { mduIndex: 2, leafIndex: 8, z });
  });

  it.each([
    ["MDU 0", 0, 16, 64],
    ["a witness MDU", 1, 0, 64],
    ["a zero blob of a witness MDU", 1, 63, 64],
    ["user data", 2, 8, 96],
    ["parity", 3, 95, 96],
  ])("hold for %s", async (_, mduIndex, leafIndex, leafCount) => {
    const proof = await prove(kzg.prover, encoded, { mduIndex, leafIndex, z });
    expect([proof.mdu_index, proof.leaf_index, proof.leaf_count, proof.manifest_root]).toEqual([mduIndex, leafIndex, leafCount, slab.manifest_root]);
    expect(await verdict(proof)).toBe("0");
  });

  it("name the hop that fails", async () => {
    expect(await verdict({ ...good, mdu_index: 3 })).toBe("1 manifest");
    expect(await verdict({ ...good, leaf_index: 9 })).toBe("1 merkle");
    expect(await verdict({ ...good, merkle_path: [] })).toBe("1 merkle");
    expect(await verdict({ ...good, y: `0x${"00".repeat(31)}01` })).toBe("1 opening");
    expect(await verdict({ ...good, z: `0x${FIELD_ORDER.toString(16)}` })).toBe("1 input");
    expect(await verdict({ ...good, manifest_root: `0xc0${"00".repeat(47)}` })).toBe("1 input");
    expect(await verdict({ ...good, leaf_count: 0 })).toBe("1 input");
    expect(await verdict({ ...good, kzg_opening: `0x${"ff".repeat(48)}` })).toBe("1 input");
    expect(await verdict({ ...good, kzg_opening: good.blob_commitment })).toBe("1 opening");
  });

  it("refuse a leaf count that no MDU has, though the path fits it", async () => {
    const ofMdu0 = await prove(kzg.prover, encoded, { mduIndex: 0, leafIndex: 0, z });
    expect(await verdict({ ...ofMdu0, leaf_count: 63 })).toBe("1 merkle");
    expect(await verdict({ ...ofMdu0, leaf_count: 62 })).toBe("1 merkle");
  });

  it("tell what cannot be read", async () => {
    const { y: _, ...incomplete } = good;
    expect(await verdict("{")).toBe("2 bad_json");
    expect(await verdict("[]")).toBe("2 bad_json");
    expect(await verdict("null")).toBe("2 bad_json");
    expect(await verdict(incomplete)).toBe("2 bad_json");
    expect(await verdict({ ...good, extra: 1 })).toBe("2 bad_json");
    expect(await verdict({ ...good, y: "0x00" })).toBe("2 bad_json");
    expect(await verdict({ ...good, y: good.y.slice(2) })).toBe("2 bad_json");
    expect(await verdict({ ...good, leaf_index: 1.5 })).toBe("2 bad_json");
    expect(await verdict({ ...good, leaf_index: -1 })).toBe("2 bad_json");
    expect(await verdict({ ...good, leaf_index: "8" })).toBe("2 bad_json");
    expect(await verdict({ ...good, merkle_path: good.merkle_path[0] })).toBe("2 bad_json");
    expect(await verdict({ ...good, merkle_path: [1] })).toBe("2 bad_json");
    expect(await verdict(" ".repeat(70_000))).toBe("2 bad_length");
    expect(await verify(kzg.verifier, join(dir, "no-proof.json"))).toMatchObject({ exit: 2, error: { code: "io" } });
  });

  it("refuse places outside the slab, scalars outside the field and damaged blobs", async () => {
    const place = { mduIndex: 2, leafIndex: 8, z };
    expect(await codeOfAsync(() => prove(kzg.prover, encoded, { ...place, mduIndex: 4 }))).toBe("index_out_of_range");
    expect(await codeOfAsync(() => prove(kzg.prover, encoded, { ...place, leafIndex: 96 }))).toBe("index_out_of_range");
    expect(await codeOfAsync(() => prove(kzg.prover, encoded, { ...place, mduIndex: 0, leafIndex: 64 }))).toBe("index_out_of_range");
    expect(await codeOfAsync(() => prove(kzg.prover, encoded, { ...place, z: scalarBytes(FIELD_ORDER) }))).toBe("bad_scalar");
    const folder = await copy("proof-damage");
    await damage(join(folder, "mdu_2_slot_1.bin"), 3100);
    expect(await codeOfAsync(() => prove(kzg.prover, folder, place))).toBe("metadata_mismatch");
    await rm(join(folder, "mdu_2_slot_1.bin"));
    expect(await codeOfAsync(() => prove(kzg.prover, folder, place))).toBe("io");
  });
});
