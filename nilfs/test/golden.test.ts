import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeSlab, toHex, unpackMdu, BLOB_BYTES, BLOBS_PER_MDU, MDU_BYTES, type Slab } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";

interface Vector {
  readonly k: number;
  readonly m: number;
  readonly leaf_count: number;
  readonly payload_hex: string;
  readonly witness_count: number;
  readonly roots: Record<"user_mdu_root" | "witness_mdu_root" | "mdu0_root" | "manifest_root", string>;
  readonly artifact_sha256: Record<string, string>;
  readonly extra: { readonly encoded_user_mdu_sha256: string; readonly witness_flat_sha256: string };
}

const vector = JSON.parse(readFileSync(new URL("./vectors/fixture_k8m4_single.json", import.meta.url), "utf8")) as Vector;
const payload = Uint8Array.from(Buffer.from(vector.payload_hex.slice(2), "hex"));

describe("the golden vector of mode2-artifacts-v1", () => {
  const artifacts = new Map<string, string>();
  let slab: Slab;

  beforeAll(async () => {
    const { prover } = await nativeKzg();
    slab = await encodeSlab({
      files: [{ path: "fixture.bin", bytes: payload }],
      profile: { k: vector.k, m: vector.m },
      prover,
      sink: (name, bytes) => void artifacts.set(name, toHex(sha256(bytes))),
    });
  });

  it("writes the 15 artifacts byte for byte", () => {
    expect(Object.fromEntries(artifacts)).toEqual(vector.artifact_sha256);
  });

  it("has the four roots", () => {
    expect({
      user_mdu_root: toHex(slab.userRoots[0]!),
      witness_mdu_root: toHex(slab.witnessRoots[0]!),
      mdu0_root: toHex(slab.mdu0Root),
      manifest_root: toHex(slab.manifestRoot),
    }).toEqual(vector.roots);
    expect([slab.witnessMdus, slab.leafCount, slab.totalMdus]).toEqual([vector.witness_count, vector.leaf_count, 3]);
  });

  it("gives back the encoded MDU and the flat witness", () => {
    const mdu = new Uint8Array(MDU_BYTES);
    for (let blob = 0; blob < BLOBS_PER_MDU; blob++) {
      const row = Math.floor(blob / vector.k);
      mdu.set(slab.shard(0, blob % vector.k).subarray(row * BLOB_BYTES, (row + 1) * BLOB_BYTES), blob * BLOB_BYTES);
    }
    expect(toHex(sha256(mdu))).toBe(vector.extra.encoded_user_mdu_sha256);
    const flat = unpackMdu(slab.witness[0]!, 48 * vector.leaf_count);
    expect(toHex(sha256(flat))).toBe(vector.extra.witness_flat_sha256);
  });
});
