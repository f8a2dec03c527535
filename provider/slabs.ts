import {
  BLOB_BYTES,
  BLOBS_PER_MDU,
  METADATA_LEAVES,
  NilfsError,
  artifactName,
  merklePath,
  parseSlabMetadata,
  proveHops,
  rowsOf,
  toHex,
  type Kzg,
  type OpenedBlob,
  type Position,
  type SlabCommit,
  type SlabMetadata,
} from "nild/nilfs";
import { HttpError } from "./errors.js";
import { readFacts, type Facts } from "./facts.js";
import type { ObjectStore, Place } from "./store.js";

/** So many slabs stay in memory: each takes some 130 KB, and 5 KB for each MDU of the user's. */
const MAX_HELD = 32;

/** The parts of a slab's metadata that proofs need: MDU 0 and the witness stay on disk. */
export type ProofMetadata = Pick<SlabMetadata, "manifest" | "manifestRoot" | "mdu0Root" | "witnessRoots" | "userRoots" | "commitments" | "witnessMdus" | "totalMdus">;

/** The slabs that this provider holds a slot of. */
export class Slabs {
  /** By deal, generation and root. */
  readonly #metadata = new Map<string, Promise<ProofMetadata>>();
  readonly #held = new Map<string, HeldSlab>();

  constructor(
    private readonly store: ObjectStore,
    private readonly kzg: () => Promise<Kzg>,
  ) {}

  /**
   * The content that the chain knows by this root; an acked one becomes the deal's now.
   * @throws HttpError `object_missing`, `corrupt_object`.
   */
  async open(dealId: bigint, generation: bigint, manifestRoot: Uint8Array): Promise<HeldSlab> {
    const { place, facts } = await this.settle(dealId, generation, manifestRoot);
    const key = keyOf(place, manifestRoot);
    const known = this.#held.get(key);
    if (known !== undefined && known.facts.slot === facts.slot) return known;
    const metadata = await once(this.#metadata, key, async () => proofParts(await readMetadata(this.store, place, facts, this.kzg)));
    const slab = new HeldSlab(this.store, place, facts, metadata, (await this.kzg()).prover);
    this.#held.set(key, slab);
    for (const cache of [this.#metadata, this.#held]) {
      const oldest = cache.keys().next().value;
      if (cache.size > MAX_HELD && oldest !== undefined) cache.delete(oldest);
    }
    return slab;
  }

  /** Metadata that was just verified need not be read and verified again. */
  remember(place: Place, metadata: SlabMetadata): void {
    this.#metadata.set(keyOf(place, metadata.manifestRoot), Promise.resolve(proofParts(metadata)));
  }

  /** Where committed content lies. @throws HttpError `object_missing`. */
  async settle(dealId: bigint, generation: bigint, manifestRoot: Uint8Array): Promise<{ place: Place; facts: Facts }> {
    const place: Place = { area: "deals", dealId, generation };
    const root = toHex(manifestRoot);
    const facts = await readFacts(this.store, place);
    if (facts !== undefined && toHex(facts.manifestRoot) === root) return { place, facts };
    return this.store.exclusively(place, async () => {
      const acked: Place = { area: "acked", dealId, generation, root: root.slice(2) };
      const pending = await readFacts(this.store, acked);
      if (pending !== undefined) await this.store.move(acked, place);
      const now = await readFacts(this.store, place);
      if (now !== undefined && toHex(now.manifestRoot) === root) return { place, facts: now };
      throw new HttpError("object_missing", `this provider does not hold generation ${generation} of deal ${dealId}`);
    });
  }

  forget({ dealId, generation }: Place): void {
    const prefix = `${dealId}/${generation}/`;
    for (const cache of [this.#metadata, this.#held]) {
      for (const key of [...cache.keys()]) if (key.startsWith(prefix)) cache.delete(key);
    }
  }
}

function keyOf({ dealId, generation }: Place, manifestRoot: Uint8Array): string {
  return `${dealId}/${generation}/${toHex(manifestRoot)}`;
}

/** Copies what is kept: parsed roots are views of MDU 0's 8 MiB. */
function proofParts(metadata: SlabMetadata): ProofMetadata {
  const { manifest, manifestRoot, mdu0Root, witnessRoots, userRoots, commitments, witnessMdus, totalMdus } = metadata;
  const copy = (root: Uint8Array): Uint8Array => root.slice();
  return { manifest, manifestRoot, mdu0Root, witnessRoots: witnessRoots.map(copy), userRoots: userRoots.map(copy), commitments, witnessMdus, totalMdus };
}

/** Reads and checks a stored slab's metadata. @throws NilfsError `metadata_mismatch` …, HttpError `object_missing`, `corrupt_object`. */
export async function readMetadata(store: ObjectStore, place: Place, commit: SlabCommit, kzg: () => Promise<Kzg>): Promise<SlabMetadata> {
  const mdu = (mduIndex: number): Promise<Uint8Array> => store.read(place, artifactName({ kind: "mdu", mduIndex }), 0, BLOBS_PER_MDU);
  const witness: Uint8Array[] = [];
  for (let i = 1; i <= commit.witnessMdus; i++) witness.push(await mdu(i));
  const manifest = await store.read(place, artifactName({ kind: "manifest" }), 0, 1);
  const mdu0 = await mdu(0);
  const { prover } = await kzg();
  const { profile, manifestRoot, mdu0Hash, totalMdus, witnessMdus } = commit;
  return parseSlabMetadata(prover, { profile, manifestRoot, mdu0Hash, totalMdus, witnessMdus }, { mdu0, witness, manifest });
}

/** One slab with what proofs and answers need again and again. */
export class HeldSlab {
  /** Openings of the manifest, by MDU. */
  readonly #openings = new Map<number, Promise<Uint8Array>>();
  /** Trees of metadata MDUs; those of user MDUs are in the witness. */
  readonly #metadataTrees = new Map<number, Promise<Uint8Array[]>>();

  constructor(
    private readonly store: ObjectStore,
    readonly place: Place,
    readonly facts: Facts,
    readonly metadata: ProofMetadata,
    private readonly prover: Kzg["prover"],
  ) {}

  /** Hops 1 and 2 of a blob of this provider's slot. */
  async hops({ mduIndex, leafIndex }: Position): Promise<Omit<OpenedBlob, "y">> {
    const tree = await this.#tree(mduIndex);
    const root = this.#root(mduIndex);
    return {
      mduIndex,
      mduRoot: root,
      manifestOpening: await this.#opening(mduIndex),
      leafIndex,
      leafCount: tree.length,
      commitment: this.#leaf(tree, { mduIndex, leafIndex }),
      merklePath: merklePath(tree, leafIndex),
    };
  }

  /** A blob that this provider holds, its bytes checked. @throws HttpError `corrupt_object`, `object_missing`. */
  blob({ mduIndex, leafIndex }: Position): Promise<Uint8Array> {
    if (mduIndex <= this.metadata.witnessMdus) return this.store.read(this.place, artifactName({ kind: "mdu", mduIndex }), leafIndex, leafIndex + 1);
    const { slot, profile } = this.facts;
    const row = leafIndex - slot * rowsOf(profile);
    if (row < 0 || row >= rowsOf(profile)) throw new HttpError("object_missing", `leaf ${leafIndex} is not of slot ${slot}, which this provider holds`);
    return this.store.read(this.place, artifactName({ kind: "shard", mduIndex, slot }), row, row + 1);
  }

  #root(mduIndex: number): Uint8Array {
    const { mdu0Root, witnessRoots, userRoots } = this.metadata;
    const root = [mdu0Root, ...witnessRoots, ...userRoots][mduIndex];
    if (root === undefined) throw new NilfsError("index_out_of_range", `MDU ${mduIndex}: the slab has ${this.metadata.totalMdus}`);
    return root;
  }

  async #tree(mduIndex: number): Promise<readonly Uint8Array[]> {
    const { witnessMdus, commitments } = this.metadata;
    if (mduIndex > witnessMdus) return commitments[mduIndex - 1 - witnessMdus] ?? [];
    return once(this.#metadataTrees, mduIndex, async () => {
      const mdu = await this.store.read(this.place, artifactName({ kind: "mdu", mduIndex }), 0, BLOBS_PER_MDU);
      return this.prover.commitMany(Array.from({ length: METADATA_LEAVES }, (_, i) => mdu.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES)));
    });
  }

  #opening(mduIndex: number): Promise<Uint8Array> {
    return once(this.#openings, mduIndex, async () => {
      const commitments = await this.#tree(mduIndex);
      const { manifest, manifestRoot } = this.metadata;
      const { manifestOpening } = await proveHops(
        this.prover,
        { manifest, manifestRoot },
        { mduIndex, mduRoot: this.#root(mduIndex), leafIndex: 0, leafCount: commitments.length, commitments },
      );
      return manifestOpening;
    });
  }

  #leaf(tree: readonly Uint8Array[], { mduIndex, leafIndex }: Position): Uint8Array {
    const leaf = tree[leafIndex];
    if (leaf === undefined) throw new NilfsError("index_out_of_range", `MDU ${mduIndex}, leaf ${leafIndex} of ${tree.length}`);
    return leaf;
  }
}

function once<K, V>(cache: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = make();
  cache.set(key, value);
  value.catch(() => cache.delete(key));
  return value;
}
