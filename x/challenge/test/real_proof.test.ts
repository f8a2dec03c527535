import { BLOB_BYTES, type BlobToOpen, type Kzg, type Position, type Slab, blobsOfShard, encodeSlab, openingsChecker, proveOpenings } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { type QueryDueResponse, QueryDueResponseSchema } from "nild/gen/nil/challenge/v1/query_pb.js";
import { MsgProveSlotsSchema } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { create } from "@bufbuild/protobuf";
import { World, providerAddress } from "./world.js";

/* The same cycle with nothing faked: a real slab, real openings, real pairings. */

const PROFILE = { k: 2, m: 1 };

/** A store of slabs by manifest root, as a provider has it: every blob and every tree. */
class Store {
  readonly #slabs = new Map<string, { slab: Slab; trees: Uint8Array[][] }>();
  constructor(readonly kzg: Kzg) {}

  async add(path: string, size: number): Promise<Slab> {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + path.charCodeAt(0)) % 251);
    const slab = await encodeSlab({ files: [{ path, bytes }], profile: PROFILE, prover: this.kzg.prover });
    const trees: Uint8Array[][] = [];
    for (const mdu of [slab.mdu0, ...slab.witness]) trees.push(await this.kzg.prover.commitMany(cut(mdu)));
    this.#slabs.set(key(slab.manifestRoot), { slab, trees: [...trees, ...slab.commitments.map((leaves) => [...leaves])] });
    return slab;
  }

  open(root: Uint8Array, { mduIndex, leafIndex }: Position): BlobToOpen {
    const { slab, trees } = this.#slabs.get(key(root))!;
    const commitments = trees[mduIndex]!;
    const roots = [slab.mdu0Root, ...slab.witnessRoots, ...slab.userRoots];
    const metadata = [slab.mdu0, ...slab.witness][mduIndex];
    const rows = 64 / PROFILE.k;
    const userMdu = mduIndex - 1 - slab.witnessMdus;
    const blob = metadata ? cut(metadata)[leafIndex]! : blobsOfShard(PROFILE, slab.shard(userMdu, Math.floor(leafIndex / rows)))[leafIndex % rows]!;
    return { mduIndex, mduRoot: roots[mduIndex]!, leafIndex, leafCount: commitments.length, commitments, blob };
  }

  /** The answer to all that is due; `spoil` changes blobs before they are opened. */
  async answer(world: World, provider: string, spoil: (blob: Uint8Array) => Uint8Array = (blob) => blob) {
    const due: QueryDueResponse = create(QueryDueResponseSchema, world.due(provider));
    const groups = due.slots.map(({ manifestRoot, positions }) => ({
      manifestRoot,
      manifest: this.#slabs.get(key(manifestRoot))!.slab.manifest,
      blobs: positions.map((position) => this.open(manifestRoot, position)).map((opened, i) => (i === 0 ? { ...opened, blob: spoil(opened.blob) } : opened)),
    }));
    const { z, groups: opened, proof } = await proveOpenings(this.kzg.prover, due.z, groups);
    const slots = due.slots.map(({ dealId, slot, generation }) => ({ dealId, slot, generation }));
    const message = { z, proof, groups: opened.map(({ manifestRoot, blobs }) => ({ manifestRoot, blobs: blobs.map((blob) => ({ ...blob, merklePath: [...blob.merklePath] })) })) };
    return create(MsgProveSlotsSchema, { provider, epoch: due.epoch, slots, proof: create(OpeningsProofSchema, message) });
  }
}

const key = (root: Uint8Array) => Buffer.from(root).toString("hex");
const cut = (mdu: Uint8Array) => Array.from({ length: 64 }, (_, i) => mdu.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES));

test("real openings: right ones pass, a flipped byte is slashed, an answer of the last epoch is refused", async () => {
  const kzg = await nativeKzg();
  const store = new Store(kzg);
  const world = new World({ quotaMinBlobs: 4 }, openingsChecker(kzg.verifier));
  const [first, second] = [await store.add("a.bin", 400_000), await store.add("b.bin", 1_000)];
  for (const [dealId, slab] of [[1n, first], [2n, second]] as const) {
    world.openDeal(dealId, { ...PROFILE, userMdus: 1n, sizeBytes: BigInt(slab.sizeBytes), manifestRoot: slab.manifestRoot });
    expect(world.volumes.get(dealId)!.totalMdus).toBe(BigInt(slab.totalMdus));
  }
  const [honest, hollow, parity] = [0, 1, 2].map(providerAddress) as [string, string, string];
  world.toEpoch(1n);
  const answer = await store.answer(world, honest);
  expect(answer.proof!.groups.map(({ blobs }) => blobs.length)).toEqual([3, 2]);
  expect(world.prove(answer)).toBe("valid");
  // The second deal's slot 1 holds no payload: it opens the metadata blob alone.
  const thin = await store.answer(world, hollow);
  expect(thin.proof!.groups.map(({ blobs }) => blobs.length)).toEqual([3, 1]);
  expect(world.prove(thin)).toBe("valid");
  const flipped = await store.answer(world, parity, (blob) => blob.map((byte, i) => (i === 4_001 ? byte ^ 1 : byte)));
  expect(world.prove(flipped)).toBe("invalid");
  expect(world.slashes.map(({ provider }) => provider)).toEqual([parity, parity]);

  world.toEpoch(2n);
  expect(world.prove(create(MsgProveSlotsSchema, { ...answer, epoch: 2n }))).toBe("challenge/11");
  // Dressed up with this epoch's inputs, the old opening is false.
  const stale = await store.answer(world, honest);
  stale.proof!.proof = answer.proof!.proof;
  expect(world.prove(stale)).toBe("invalid");
}, 120_000);
