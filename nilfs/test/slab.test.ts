import { sha256 } from "@noble/hashes/sha2.js";
import {
  BLOB_BYTES,
  FIELD_ORDER,
  MDU_BYTES,
  MDU_PAYLOAD_BYTES,
  buildMdu0,
  checkProofForm,
  checkRootForm,
  decodeFile,
  encodeSlab,
  isPacked,
  leafIndexOf,
  listFiles,
  parseSlabMetadata,
  proveHops,
  proveOpenings,
  rowsOf,
  slotOfLeaf,
  slotsOf,
  toHex,
  verifyHops,
  verifyOpeningsProof,
  verifyShard,
  type GroupToOpen,
  type Kzg,
  type OpenedBlob,
  type OpeningsProof,
  type Profile,
  type RawMetadata,
  type Slab,
  type SlabCommit,
} from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { infinity } from "../kzg/group.js";
import { scalarBytes } from "../kzg/field.js";
import { codeOf, codeOfAsync } from "./codes.js";

const bytesOf = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 13 + (i >> 7)) & 0xff);
const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const flipped = bytes.slice();
  flipped[at]! ^= 1;
  return flipped;
};

let kzg: Kzg;
/** Two files of 8+4, the first over an MDU's border: 2 user MDUs, few of whose blobs are not zero. */
let slab: Slab;
const big = new Uint8Array(MDU_PAYLOAD_BYTES + 5000);
big.set(bytesOf(4000, 1));
big.set(bytesOf(6000, 2), MDU_PAYLOAD_BYTES - 1000);
const small = bytesOf(777, 3);

const blobOf = (from: Slab, userMdu: number, leaf: number): Uint8Array => {
  const { slot, row } = slotOfLeaf(from.profile, leaf);
  return from.shard(userMdu, slot).subarray(row * BLOB_BYTES, (row + 1) * BLOB_BYTES);
};
const reader =
  (from: Slab, lost: readonly number[] = []) =>
  (mduIndex: number, leaf: number): Uint8Array | undefined =>
    lost.includes(slotOfLeaf(from.profile, leaf).slot) ? undefined : blobOf(from, mduIndex - 1 - from.witnessMdus, leaf);

beforeAll(async () => {
  kzg = await nativeKzg();
  slab = await encodeSlab({ files: [{ path: "big", bytes: big }, { path: "dir/small", bytes: small, timestamp: 5n }], profile: { k: 8, m: 4 }, prover: kzg.prover });
});

describe("encoding", () => {
  it("puts files one after the other", () => {
    expect(listFiles(slab.mdu0).map(({ path, startOffset, length, timestamp }) => [path, startOffset, length, timestamp])).toEqual([
      ["big", 0, big.length, 0n],
      ["dir/small", big.length, 777, 5n],
    ]);
    expect([slab.userMdus, slab.witnessMdus, slab.totalMdus, slab.sizeBytes]).toEqual([2, 1, 4, big.length + 777]);
  });

  it("makes canonical cells everywhere but in MDU 0, parity included", () => {
    for (let slot = 0; slot < 12; slot++) expect(isPacked(slab.shard(1, slot))).toBe(true);
    expect(isPacked(slab.witness[0]!)).toBe(true);
    expect(isPacked(slab.mdu0)).toBe(false); // roots are raw hashes
  });

  it("gives a witness room for appends without moving user MDUs", async () => {
    const options = { files: [{ path: "a", bytes: small }], profile: { k: 1, m: 64 }, prover: kzg.prover };
    const [tight, roomy] = [await encodeSlab(options), await encodeSlab({ ...options, maxUserMdus: 41 })];
    expect([tight.witnessMdus, roomy.witnessMdus, roomy.totalMdus, roomy.userMdus]).toEqual([1, 2, 4, 1]);
    expect(roomy.witnessRoots[0]).toEqual(tight.witnessRoots[0]);
    expect(await decodeFile(roomy, "a", reader(roomy))).toEqual(small);
  });

  it("takes an empty file, and nothing at all", async () => {
    const empty = await encodeSlab({ files: [{ path: "empty", bytes: new Uint8Array(0) }], profile: { k: 2, m: 1 }, prover: kzg.prover });
    expect([empty.totalMdus, empty.sizeBytes]).toEqual([1, 0]);
    expect(await decodeFile(empty, "empty", () => undefined)).toEqual(new Uint8Array(0));
    const nothing = await encodeSlab({ files: [], profile: { k: 2, m: 1 }, prover: kzg.prover });
    expect(listFiles(nothing.mdu0)).toEqual([]);
  });

  it("refuses bad input by code, before any commitment", async () => {
    const profile = { k: 8, m: 4 };
    const files = [{ path: "a", bytes: small }];
    const encode = (change: Partial<Parameters<typeof encodeSlab>[0]>): Promise<string> => codeOfAsync(() => encodeSlab({ files, profile, prover: kzg.prover, ...change }));
    expect(await encode({ profile: { k: 3, m: 1 } })).toBe("bad_profile");
    expect(await encode({ files: [...files, ...files] })).toBe("duplicate_path");
    expect(await encode({ files: [{ path: "/a", bytes: small }] })).toBe("bad_path");
    expect(await encode({ files: [{ path: "a", bytes: small, timestamp: -1n }] })).toBe("bad_integer");
    expect(await encode({ files: [{ path: "a", bytes: small, flags: 256 }] })).toBe("bad_integer");
    expect(await encode({ maxUserMdus: 0 })).toBe("slab_too_large");
    expect(await encode({ maxUserMdus: 4094 })).toBe("slab_too_large");
    expect(await encode({ maxUserMdus: 1.5 })).toBe("bad_integer");
  });

  it("shard() refuses places that do not exist", async () => {
    for (const [userMdu, slot] of [[2, 0], [0, 12], [-1, 0], [0, 0.5]] as const) {
      expect(await codeOfAsync(async () => slab.shard(userMdu, slot))).toBe("index_out_of_range");
    }
  });
});

describe("reading", () => {
  it.each([1, 2, 4, 8, 16, 32, 64])("K=%i: a file comes back from any K slots", async (k) => {
    const profile: Profile = { k, m: 2 };
    const made = await encodeSlab({ files: [{ path: "f", bytes: small }], profile, prover: kzg.prover });
    for (const lost of [[], [0], [0, 1], [slotsOf(profile) - 1, 0], [slotsOf(profile) - 1, slotsOf(profile) - 2]]) {
      expect(await decodeFile(made, "f", reader(made, lost))).toEqual(small);
    }
    expect(await codeOfAsync(() => decodeFile(made, "f", reader(made, [0, 1, 2])))).toBe("not_enough_shards");
  });

  it("crosses MDUs, reads ranges, and serves files that share an MDU", async () => {
    const whole = await decodeFile(slab, "big", reader(slab, [0, 3, 9, 11]));
    expect(Buffer.compare(whole, big)).toBe(0);
    expect(await decodeFile(slab, "dir/small", reader(slab, [0, 1, 2, 3]))).toEqual(small);
    const border = await decodeFile(slab, "big", reader(slab), { start: MDU_PAYLOAD_BYTES - 10, end: MDU_PAYLOAD_BYTES + 10 });
    expect(border).toEqual(big.subarray(MDU_PAYLOAD_BYTES - 10, MDU_PAYLOAD_BYTES + 10));
    expect(await decodeFile(slab, "dir/small", reader(slab), { start: 777 })).toEqual(new Uint8Array(0));
  });

  it("asks for no parity while the data is there", async () => {
    const asked = new Set<number>();
    await decodeFile(slab, "dir/small", (mduIndex, leaf) => {
      asked.add(slotOfLeaf(slab.profile, leaf).slot);
      return reader(slab)(mduIndex, leaf);
    });
    expect([...asked]).toEqual([0]);
  });

  it("refuses files and ranges that do not exist", async () => {
    expect(await codeOfAsync(() => decodeFile(slab, "bi", reader(slab)))).toBe("file_not_found");
    for (const range of [{ start: 778 }, { end: 778 }, { start: -1 }, { start: 5, end: 4 }, { start: 0.5 }]) {
      expect(await codeOfAsync(() => decodeFile(slab, "dir/small", reader(slab), range))).toBe("index_out_of_range");
    }
  });
});

describe("metadata against its commit", () => {
  const raw = (): RawMetadata => ({ mdu0: slab.mdu0, witness: slab.witness, manifest: slab.manifest });
  const commit = (): SlabCommit => ({ profile: slab.profile, manifestRoot: slab.manifestRoot, mdu0Hash: slab.mdu0Hash, totalMdus: slab.totalMdus, witnessMdus: slab.witnessMdus });
  const parse = (changed: Partial<RawMetadata>, changedCommit: Partial<SlabCommit> = {}): Promise<string> =>
    codeOfAsync(() => parseSlabMetadata(kzg.prover, { ...commit(), ...changedCommit }, { ...raw(), ...changed }));

  it("gives the encoder's metadata back", async () => {
    const parsed = await parseSlabMetadata(kzg.prover, commit(), raw());
    expect([parsed.userMdus, parsed.sizeBytes, parsed.leafCount, toHex(parsed.mdu0Root)]).toEqual([2, slab.sizeBytes, 96, toHex(slab.mdu0Root)]);
    expect(parsed.userRoots.map(toHex)).toEqual(slab.userRoots.map(toHex));
    expect(parsed.commitments.flat().map(toHex)).toEqual(slab.commitments.flat().map(toHex));
  });

  it("refuses a changed bit anywhere", async () => {
    expect(await parse({ mdu0: flip(slab.mdu0, 100) })).toBe("metadata_mismatch");
    expect(await parse({ mdu0: flip(slab.mdu0, MDU_BYTES - 1) })).toBe("metadata_mismatch");
    expect(await parse({ manifest: flip(slab.manifest, 31) })).toBe("metadata_mismatch");
    expect(await parse({ witness: [flip(slab.witness[0]!, 33)] })).toBe("metadata_mismatch");
    expect(await parse({ witness: [flip(slab.witness[0]!, MDU_BYTES - 1)] })).toBe("metadata_mismatch");
  });

  it("refuses cells that are not canonical, though they commit alike", async () => {
    const plusR = slab.manifest.slice();
    const cell = scalarBytes(BigInt(toHex(slab.manifest.subarray(0, 32))) + FIELD_ORDER);
    plusR.set(cell, 0);
    expect(await kzg.prover.commit(plusR)).toEqual(slab.manifestRoot);
    expect(await parse({ manifest: plusR })).toBe("non_canonical_cell");
    const witness = slab.witness[0]!.slice();
    witness[32] = 0x80;
    expect(await parse({ witness: [witness] })).toBe("non_canonical_cell");
  });

  it("refuses another root of MDU 0 with the same remainder", async () => {
    const mdu0 = slab.mdu0.slice();
    mdu0.set(scalarBytes((BigInt(toHex(mdu0.subarray(0, 32))) + FIELD_ORDER) % 2n ** 256n), 0);
    expect(await parse({ mdu0 })).toBe("metadata_mismatch");
  });

  it("refuses numbers that differ from the slab's", async () => {
    expect(await parse({}, { totalMdus: 5 })).toBe("metadata_mismatch");
    expect(await parse({}, { totalMdus: 3 })).not.toBe("none");
    expect(await parse({}, { totalMdus: 1, witnessMdus: 1 })).toBe("bad_integer");
    expect(await parse({}, { totalMdus: 4097 })).toBe("slab_too_large");
    expect(await parse({}, { witnessMdus: 0 })).toBe("bad_integer");
    expect(await parse({}, { witnessMdus: 2 })).toBe("bad_length");
    expect(await parse({}, { profile: { k: 4, m: 8 } })).not.toBe("none");
    expect(await parse({}, { profile: { k: 5, m: 8 } })).toBe("bad_profile");
    expect(await parse({}, { manifestRoot: infinity() })).toBe("metadata_mismatch");
    expect(await parse({}, { mdu0Hash: new Uint8Array(32) })).toBe("metadata_mismatch");
  });

  it("refuses parts of wrong length", async () => {
    expect(await parse({ manifest: slab.manifest.subarray(32) })).toBe("bad_length");
    expect(await parse({ witness: [slab.witness[0]!.subarray(32)] })).toBe("bad_length");
    expect(await parse({ witness: [] })).toBe("bad_length");
    expect(await parse({ mdu0: slab.mdu0.subarray(1) }, { mdu0Hash: sha256(slab.mdu0.subarray(1)) })).toBe("bad_length");
  });

  it("refuses an MDU 0 of the right hash whose files do not fill the slab", async () => {
    const mdu0 = buildMdu0([...slab.witnessRoots, ...slab.userRoots], [{ path: "a", startOffset: 0, length: 10, timestamp: 0n, flags: 0 }]);
    expect(await parse({ mdu0 }, { mdu0Hash: sha256(mdu0) })).toBe("metadata_mismatch");
  });
});

describe("shards", () => {
  it("each verifies in its own place only", async () => {
    expect(await verifyShard(kzg.prover, slab, 0, 0, slab.shard(0, 0))).toBe(true);
    expect(await verifyShard(kzg.prover, slab, 1, 11, slab.shard(1, 11))).toBe(true);
    expect(await verifyShard(kzg.prover, slab, 1, 0, slab.shard(0, 0))).toBe(false);
    expect(await verifyShard(kzg.prover, slab, 0, 8, slab.shard(0, 9))).toBe(false);
  });

  it("a flipped bit, a lost byte or a cell plus r is seen", async () => {
    const shard = slab.shard(0, 0);
    expect(await verifyShard(kzg.prover, slab, 0, 0, flip(shard, 40))).toBe(false);
    expect(await verifyShard(kzg.prover, slab, 0, 0, shard.subarray(0, -1))).toBe(false);
    const plusR = shard.slice();
    plusR.set(scalarBytes(BigInt(toHex(shard.subarray(32, 64))) + FIELD_ORDER), 32);
    expect(await verifyShard(kzg.prover, slab, 0, 0, plusR)).toBe(false);
  });

  it("no such MDU or slot is an error", async () => {
    expect(await codeOfAsync(() => verifyShard(kzg.prover, slab, 2, 0, slab.shard(0, 0)))).toBe("index_out_of_range");
    expect(await codeOfAsync(() => verifyShard(kzg.prover, slab, 0, 12, slab.shard(0, 0)))).toBe("index_out_of_range");
  });
});

describe("the Triple Proof", () => {
  const z = scalarBytes(987_654_321n);
  let proof: OpeningsProof;

  const userBlob = (from: Slab, userMdu: number, leaf: number): GroupToOpen["blobs"][number] => ({
    mduIndex: 1 + from.witnessMdus + userMdu,
    mduRoot: from.userRoots[userMdu]!,
    leafIndex: leaf,
    leafCount: from.leafCount,
    commitments: from.commitments[userMdu]!,
    blob: blobOf(from, userMdu, leaf),
  });
  const groupOf = (from: Slab, blobs: GroupToOpen["blobs"]): GroupToOpen => ({ manifest: from.manifest, manifestRoot: from.manifestRoot, blobs });
  const change = (blobIndex: number, fields: Partial<OpenedBlob>): OpeningsProof => ({
    ...proof,
    groups: proof.groups.map((group, g) => (g > 0 ? group : { ...group, blobs: group.blobs.map((blob, b) => (b === blobIndex ? { ...blob, ...fields } : blob)) })),
  });
  const hopOf = (p: OpeningsProof): string => {
    const verdict = verifyOpeningsProof(kzg.verifier, p);
    return verdict.ok ? "ok" : verdict.hop;
  };

  beforeAll(async () => {
    const metadata = await kzg.prover.commitMany(Array.from({ length: 64 }, (_, i) => slab.mdu0.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES)));
    const mdu0Blob = { mduIndex: 0, mduRoot: slab.mdu0Root, leafIndex: 16, leafCount: 64, commitments: metadata, blob: slab.mdu0.subarray(16 * BLOB_BYTES, 17 * BLOB_BYTES) };
    const blobs = [userBlob(slab, 0, 0), userBlob(slab, 0, 64), userBlob(slab, 1, 0), userBlob(slab, 1, 40), mdu0Blob];
    proof = await proveOpenings(kzg.prover, z, [groupOf(slab, blobs)]);
  });

  it("holds for data, parity, all-zero and metadata blobs in one message", () => {
    expect(hopOf(proof)).toBe("ok");
    expect(proof.groups[0]!.blobs[3]!.commitment).toEqual(infinity());
  });

  it("holds for several slabs under one opening", async () => {
    const other = await encodeSlab({ files: [{ path: "o", bytes: small }], profile: { k: 2, m: 1 }, prover: kzg.prover });
    const both = await proveOpenings(kzg.prover, z, [groupOf(slab, [userBlob(slab, 0, 0)]), groupOf(other, [userBlob(other, 0, 0), userBlob(other, 0, 64)])]);
    expect(hopOf(both)).toBe("ok");
    const swapped = { ...both, groups: [{ ...both.groups[0]!, manifestRoot: both.groups[1]!.manifestRoot }, both.groups[1]!] };
    expect(hopOf(swapped)).toBe("manifest");
    expect(hopOf({ ...both, groups: [...both.groups].reverse() })).toBe("opening"); // the order is part of the transcript
  });

  it("fails at the hop that is wrong (V7)", () => {
    const [first, second, third] = proof.groups[0]!.blobs as unknown as [OpenedBlob, OpenedBlob, OpenedBlob];
    expect(hopOf(change(0, { mduIndex: first.mduIndex + 1 }))).toBe("manifest");
    expect(hopOf(change(0, { mduRoot: third.mduRoot }))).toBe("manifest");
    expect(hopOf(change(0, { manifestOpening: third.manifestOpening }))).toBe("manifest");
    expect(hopOf(change(0, { leafIndex: 1 }))).toBe("merkle");
    expect(hopOf(change(0, { leafCount: 64 }))).toBe("merkle");
    expect(hopOf(change(0, { commitment: second.commitment }))).toBe("merkle");
    expect(hopOf(change(0, { merklePath: first.merklePath.slice(1) }))).toBe("merkle");
    expect(hopOf(change(0, { merklePath: [] }))).toBe("merkle");
    expect(hopOf(change(4, { leafIndex: 15 }))).toBe("merkle");
    expect(hopOf(change(0, { y: second.y }))).toBe("opening");
  });

  it("cannot be replayed at another z, nor in parts", () => {
    expect(hopOf({ ...proof, z: scalarBytes(987_654_322n) })).toBe("opening");
    const [group] = proof.groups;
    expect(hopOf({ ...proof, groups: [{ ...group!, blobs: group!.blobs.slice(1) }] })).toBe("opening");
  });

  it("an MDU root plus r, which the manifest cannot tell, fails the tree", () => {
    const root = BigInt(toHex(proof.groups[0]!.blobs[0]!.mduRoot));
    const twin = root >= FIELD_ORDER ? root - FIELD_ORDER : root + FIELD_ORDER;
    expect(hopOf(change(0, { mduRoot: scalarBytes(twin) }))).toBe("merkle");
  });

  it.each<[string, (p: OpeningsProof) => OpeningsProof]>([
    ["an infinity root (V2)", (p) => ({ ...p, groups: [{ ...p.groups[0]!, manifestRoot: infinity() }] })],
    ["a root of 47 bytes (V1)", (p) => ({ ...p, groups: [{ ...p.groups[0]!, manifestRoot: p.groups[0]!.manifestRoot.subarray(1) }] })],
    ["no group", (p) => ({ ...p, groups: [] })],
    ["a group without blobs", (p) => ({ ...p, groups: [...p.groups, { ...p.groups[0]!, blobs: [] }] })],
    ["z = r (V6)", (p) => ({ ...p, z: scalarBytes(FIELD_ORDER) })],
    ["z of 31 bytes", (p) => ({ ...p, z: p.z.subarray(1) })],
    ["an opening of 49 bytes (V1)", (p) => ({ ...p, proof: Uint8Array.from([...p.proof, 0]) })],
  ])("refuses %s as input", (_, damage) => expect(hopOf(damage(proof))).toBe("input"));

  it.each<[string, Partial<OpenedBlob>]>([
    ["y = r (V6)", { y: scalarBytes(FIELD_ORDER) }],
    ["a y of 33 bytes", { y: new Uint8Array(33) }],
    ["a commitment of no bytes (V1)", { commitment: new Uint8Array(0) }],
    ["an MDU root of 31 bytes", { mduRoot: new Uint8Array(31) }],
    ["a manifest opening of 47 bytes (V1)", { manifestOpening: new Uint8Array(47) }],
    ["an MDU index beyond the manifest (V9)", { mduIndex: 4096 }],
    ["a negative MDU index", { mduIndex: -1 }],
    ["a fractional leaf", { leafIndex: 0.5 }],
    ["a leaf beyond the tree (V9)", { leafIndex: 96 }],
    ["a tree of no leaves", { leafCount: 0, leafIndex: 0 }],
    ["a tree larger than any", { leafCount: 8193 }],
    ["a path longer than any", { merklePath: new Array<Uint8Array>(14).fill(new Uint8Array(32)) }],
    ["a path node of 31 bytes", { merklePath: [new Uint8Array(31)] }],
  ])("refuses %s as input", (_, fields) => expect(hopOf(change(0, fields))).toBe("input"));

  it("are told apart by code before any curve arithmetic", () => {
    expect(codeOf(() => checkProofForm(proof))).toBe("none");
    expect(codeOf(() => checkProofForm({ ...proof, groups: [] }))).toBe("bad_length");
    expect(codeOf(() => checkProofForm({ ...proof, z: scalarBytes(FIELD_ORDER) }))).toBe("bad_scalar");
    expect(codeOf(() => checkProofForm({ ...proof, proof: new Uint8Array(48) }))).toBe("bad_point");
    expect(codeOf(() => checkProofForm(change(0, { commitment: new Uint8Array(48).fill(0xff) })))).toBe("bad_point");
    expect(codeOf(() => checkProofForm(change(0, { leafIndex: 96 })))).toBe("index_out_of_range");
    expect(codeOf(() => checkRootForm(infinity(), "root"))).toBe("infinity_root");
    // The deepest tree of the format passes: K=1 with 128 slots.
    const deep = { leafIndex: 8191, leafCount: 8192, merklePath: new Array<Uint8Array>(13).fill(new Uint8Array(32)) };
    expect(codeOf(() => checkProofForm(change(0, deep)))).toBe("none");
  });

  it("hops alone bind a commitment to the root, and nothing else does", async () => {
    const { blob: _, ...place } = userBlob(slab, 0, 64);
    const hops = await proveHops(kzg.prover, slab, place);
    expect(verifyHops(kzg.verifier, slab.manifestRoot, hops)).toBe(true);
    expect(verifyHops(kzg.verifier, slab.manifestRoot, { ...hops, leafIndex: 65 })).toBe(false);
    expect(verifyHops(kzg.verifier, slab.manifestRoot, { ...hops, mduIndex: 3 })).toBe(false);
    expect(verifyHops(kzg.verifier, slab.manifestRoot, { ...hops, mduIndex: 4096 })).toBe(false);
    expect(verifyHops(kzg.verifier, infinity(), hops)).toBe(false);
    expect(verifyHops(kzg.verifier, slab.manifestRoot.subarray(1), hops)).toBe(false);
  });

  it("the prover refuses places that do not fit their tree", async () => {
    const prove = (blob: Partial<GroupToOpen["blobs"][number]>): Promise<string> =>
      codeOfAsync(() => proveOpenings(kzg.prover, z, [groupOf(slab, [{ ...userBlob(slab, 0, 0), ...blob }])]));
    expect(await prove({ leafIndex: 96 })).toBe("index_out_of_range");
    expect(await prove({ leafCount: 64 })).toBe("bad_length");
    expect(await prove({ mduRoot: slab.userRoots[1]! })).toBe("metadata_mismatch");
    expect(await prove({ mduIndex: 4096 })).toBe("index_out_of_range");
    expect(await prove({ blob: new Uint8Array(5) })).toBe("bad_length");
    expect(await codeOfAsync(() => proveOpenings(kzg.prover, z, []))).toBe("bad_length");
  });

  it("a leaf's slot is what the caller checks", () => {
    expect(slotOfLeaf(slab.profile, 64)).toEqual({ slot: 8, row: 0 });
    expect(leafIndexOf(slab.profile, 8, 0)).toBe(8 * rowsOf(slab.profile));
  });
});
