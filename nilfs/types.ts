import type { Profile } from "./profile.js";

/** f(z) = y, to be checked against a commitment to f. */
export interface Opening {
  /** 48 bytes, compressed G1. */
  readonly commitment: Uint8Array;
  /** 32 bytes, big-endian, below the field's order. */
  readonly z: Uint8Array;
  /** 32 bytes, big-endian, below the field's order. */
  readonly y: Uint8Array;
  /** 48 bytes, compressed G1. */
  readonly proof: Uint8Array;
}

/**
 * Synchronous KZG checks over the 4096-point domain in natural order (BLS12-381, the Ethereum ceremony's setup).
 * Every back end gives the same answer to the same bytes. Malformed input (a wrong length, a scalar ≥ r, a point that is
 * not canonical, not on the curve or not in the subgroup, lists of different lengths, an empty list) is `false`, never a
 * throw. Infinity is a legal commitment and proof here; who must refuse it as a manifest root is `verifyOpeningsProof`.
 */
export interface KzgVerifier {
  readonly name: "native" | "portable" | "pure";
  verify(commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array): boolean;
  /** All at once, with 128-bit weights hashed from every byte of the batch. One bad item makes it false. */
  verifyOpenings(items: readonly Opening[]): boolean;
  /** One proof for all commitments at one z: f = f₀ + Σ γᵢ·fᵢ (storage.md A1). */
  verifyAggregate(commitments: readonly Uint8Array[], z: Uint8Array, ys: readonly Uint8Array[], proof: Uint8Array): boolean;
  /** f(z), 32 bytes, of the 131,072-byte blob whose cells are reduced mod r. @throws NilfsError `bad_length`, `bad_scalar`. */
  evaluate(blob: Uint8Array, z: Uint8Array): Uint8Array;
  /** True for 48 bytes that are the canonical encoding of a point of the subgroup (infinity included). */
  isPoint(bytes: Uint8Array): boolean;
}

/** Asynchronous KZG work of who holds the data. Blobs are 131,072 bytes, cells are reduced mod r. @throws NilfsError `bad_length`, `bad_scalar`, `bad_point`. */
export interface KzgProver {
  readonly name: "native" | "portable" | "pure";
  commit(blob: Uint8Array): Promise<Uint8Array>;
  /** Commitments in the blobs' order; all-zero blobs cost nothing. `onDone` counts finished blobs. */
  commitMany(blobs: readonly Uint8Array[], onDone?: (done: number) => void): Promise<Uint8Array[]>;
  open(blob: Uint8Array, z: Uint8Array): Promise<{ y: Uint8Array; proof: Uint8Array }>;
  /** The proof that `verifyAggregate` takes. `commitments` belong to `blobs`; they enter the transcript unchecked. */
  openAggregate(blobs: readonly Uint8Array[], commitments: readonly Uint8Array[], z: Uint8Array): Promise<{ ys: Uint8Array[]; proof: Uint8Array }>;
  /** True when every blob is what its commitment says; costs about one commitment. False for a bad point or length. */
  verifyBlobs(blobs: readonly Uint8Array[], commitments: readonly Uint8Array[]): Promise<boolean>;
}

/** A back end: native, portable or pure. */
export interface Kzg {
  readonly verifier: KzgVerifier;
  readonly prover: KzgProver;
}

/** One opened blob with its two hops to the manifest root. */
export interface OpenedBlob {
  readonly mduIndex: number;
  /** 32 bytes: the Merkle root of the MDU's blob commitments. */
  readonly mduRoot: Uint8Array;
  /** 48 bytes: opening of the manifest at ω^mduIndex. */
  readonly manifestOpening: Uint8Array;
  readonly leafIndex: number;
  /** 64 for MDU 0 and witness MDUs, `leavesOf(profile)` for user MDUs. Who knows the profile must compare it. */
  readonly leafCount: number;
  readonly commitment: Uint8Array;
  /** Siblings of 32 bytes, from the leaf up; levels without a sibling are left out. */
  readonly merklePath: readonly Uint8Array[];
  /** 32 bytes: the blob's value at z. */
  readonly y: Uint8Array;
}

/** One KZG opening for all blobs of all groups; the transcript's order is the groups' order, then the blobs'. */
export interface OpeningsProof {
  readonly z: Uint8Array;
  readonly groups: readonly { readonly manifestRoot: Uint8Array; readonly blobs: readonly OpenedBlob[] }[];
  readonly proof: Uint8Array;
}

/** Where a proof fails: its form, or one of its three hops. */
export type Hop = "input" | "manifest" | "merkle" | "opening";
export type OpeningsVerdict = { ok: true } | { ok: false; hop: Hop; detail: string };

/** A blob to open: where it is, its MDU's tree, and its bytes. */
export interface BlobToOpen {
  readonly mduIndex: number;
  readonly mduRoot: Uint8Array;
  readonly leafIndex: number;
  readonly leafCount: number;
  /** Every leaf of the MDU's tree, `leafCount` × 48 bytes. */
  readonly commitments: readonly Uint8Array[];
  readonly blob: Uint8Array;
}

/** Blobs to open under one manifest root. */
export interface GroupToOpen {
  /** The 131,072-byte manifest blob. */
  readonly manifest: Uint8Array;
  readonly manifestRoot: Uint8Array;
  readonly blobs: readonly BlobToOpen[];
}

/** A file record of MDU 0. Offsets and lengths are payload bytes. */
export interface FileRecord {
  readonly path: string;
  readonly startOffset: number;
  readonly length: number;
  /** Unix seconds; 0 when unknown. */
  readonly timestamp: bigint;
  /** Top byte of the record's length word: 0x80 encrypted, 0x40 hidden, low nibble compression. */
  readonly flags: number;
}

/** What the chain keeps of a commit, and what binds a slab's metadata. */
export interface SlabCommit {
  readonly profile: Profile;
  readonly manifestRoot: Uint8Array;
  /** SHA-256 of MDU 0's 8,388,608 bytes. */
  readonly mdu0Hash: Uint8Array;
  readonly totalMdus: number;
  readonly witnessMdus: number;
}

/** Everything about a slab but its user data. */
export interface SlabMetadata extends SlabCommit {
  readonly userMdus: number;
  readonly leafCount: number;
  /** Payload extent in bytes: the highest end of any file record. */
  readonly sizeBytes: number;
  readonly mdu0Root: Uint8Array;
  readonly witnessRoots: readonly Uint8Array[];
  readonly userRoots: readonly Uint8Array[];
  readonly mdu0: Uint8Array;
  readonly witness: readonly Uint8Array[];
  /** The 131,072-byte manifest blob. */
  readonly manifest: Uint8Array;
  /** commitments[userMdu][leaf], 48 bytes each. */
  readonly commitments: readonly (readonly Uint8Array[])[];
}

/** A whole slab, its shards computed on demand. */
export interface Slab extends SlabMetadata {
  /** The slot's shard of a user MDU (its ordinal, from 0): rows × 131,072 bytes, computed when asked for. */
  shard(userMdu: number, slot: number): Uint8Array;
}

/** A file to lay out. */
export interface SlabFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Unix seconds, 0 when left out. */
  readonly timestamp?: bigint;
  readonly flags?: number;
}

export interface EncodeProgress {
  readonly phase: "user" | "metadata";
  /** Payload bytes committed so far, and in all. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Multiplies by a GF(2^8) matrix: outputs[r] = Σ_c matrix[r·k + c]·inputs[c], k = inputs.length, bytewise. */
export interface Gf256Kernel {
  readonly name: "wasm" | "js";
  multiply(matrix: Uint8Array, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void;
}

export interface EncodeOptions {
  readonly files: readonly SlabFile[];
  readonly profile: Profile;
  /** Room for appends: the witness region is sized for this many user MDUs. Default: what the files need. */
  readonly maxUserMdus?: number;
  readonly prover: KzgProver;
  /** The erasure-coding kernel; default: WASM where it loads, else plain JS. */
  readonly rs?: Gf256Kernel;
  readonly onProgress?: (progress: EncodeProgress) => void;
  /** Called with every artifact as it is ready, in no promised order; awaited. */
  readonly sink?: (artifactName: string, bytes: Uint8Array) => void | Promise<void>;
}

/** A place in a slab: one blob. */
export interface Position {
  readonly mduIndex: number;
  readonly leafIndex: number;
}
