import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { ascii, checkLength, concatBytes, prefixedString, u32, u64, type U64 } from "./bytes.js";
import { scalarBytes, scalarFromHash } from "./kzg/field.js";
import type { OpenedBlob } from "./types.js";

/*
 * The digests and seeds on which chain, provider and client must agree (storage.md A1, A3, A6, B §6). U64 and U32 are
 * big-endian; every field has a fixed width but the chain id, which stands behind its U16 length.
 */

/** z = SHA256("nil/z/v1" ‖ seed[32] ‖ prover[20]) mod r, 32 bytes big-endian. The prover is in it against copied answers. */
export function challengeZ(seed: Uint8Array, prover: Uint8Array): Uint8Array {
  const hash = sha256(concatBytes(ascii("nil/z/v1"), checkLength(seed, 32, "seed"), checkLength(prover, 20, "prover")));
  return scalarBytes(scalarFromHash(hash));
}

/** Seed of a repair candidate's z: SHA256("nil/repair/v1" ‖ R_e[32] ‖ U64 deal ‖ U64 slot). */
export function repairSeed(beacon: Uint8Array, dealId: U64, slot: U64): Uint8Array {
  return sha256(concatBytes(ascii("nil/repair/v1"), checkLength(beacon, 32, "beacon"), u64(dealId, "dealId"), u64(slot, "slot")));
}

/** Seed of a retrieval proof's z and positions: SHA256(session_id[32] ‖ R_e at opening[32]). */
export function sessionSeed(sessionId: Uint8Array, beacon: Uint8Array): Uint8Array {
  return sha256(concatBytes(checkLength(sessionId, 32, "sessionId"), checkLength(beacon, 32, "beacon")));
}

/** z of a wrong-data report or forced read whose own digest is the seed: digest mod r. */
export function zFromDigest(digest: Uint8Array): Uint8Array {
  return scalarBytes(scalarFromHash(checkLength(digest, 32, "digest")));
}

export interface SessionTerms {
  /** Address of who opens and pays. */
  readonly opener: Uint8Array;
  readonly dealId: U64;
  readonly provider: Uint8Array;
  readonly manifestRoot: Uint8Array;
  readonly startMdu: U64;
  readonly startBlob: U64;
  readonly blobCount: U64;
  readonly nonce: U64;
  readonly expiresAt: U64;
}

/**
 * keccak256(opener[20] ‖ U64 deal ‖ provider[20] ‖ root[48] ‖ U64 start_mdu ‖ U32 start_blob ‖ U64 count ‖ U64 nonce ‖
 * U64 expires_at), packed (B §6).
 */
export function sessionId(terms: SessionTerms): Uint8Array {
  return keccak_256(
    concatBytes(
      checkLength(terms.opener, 20, "opener"),
      u64(terms.dealId, "dealId"),
      checkLength(terms.provider, 20, "provider"),
      checkLength(terms.manifestRoot, 48, "manifestRoot"),
      u64(terms.startMdu, "startMdu"),
      u32(terms.startBlob, "startBlob"),
      u64(terms.blobCount, "blobCount"),
      u64(terms.nonce, "nonce"),
      u64(terms.expiresAt, "expiresAt"),
    ),
  );
}

export interface AckTerms {
  readonly chainId: string;
  readonly dealId: U64;
  readonly generation: U64;
  readonly slot: U64;
  readonly manifestRoot: Uint8Array;
  readonly sizeBytes: U64;
  readonly totalMdus: U64;
  readonly witnessMdus: U64;
  readonly mdu0Hash: Uint8Array;
}

/**
 * What a provider signs after it has verified its bytes: SHA256("nil/ack/v1" ‖ U16 length ‖ chain_id ‖ U64 deal ‖
 * U64 generation ‖ U64 slot ‖ root[48] ‖ U64 size_bytes ‖ U64 total_mdus ‖ U64 witness_mdus ‖ mdu0_hash[32]).
 */
export function ackDigest(terms: AckTerms): Uint8Array {
  return sha256(
    concatBytes(
      ascii("nil/ack/v1"),
      prefixedString(terms.chainId, "chainId"),
      u64(terms.dealId, "dealId"),
      u64(terms.generation, "generation"),
      u64(terms.slot, "slot"),
      checkLength(terms.manifestRoot, 48, "manifestRoot"),
      u64(terms.sizeBytes, "sizeBytes"),
      u64(terms.totalMdus, "totalMdus"),
      u64(terms.witnessMdus, "witnessMdus"),
      checkLength(terms.mdu0Hash, 32, "mdu0Hash"),
    ),
  );
}

export interface ResponseTerms {
  readonly chainId: string;
  readonly sessionId: Uint8Array;
  readonly dealId: U64;
  readonly generation: U64;
  readonly manifestRoot: Uint8Array;
  readonly hops: Pick<OpenedBlob, "mduIndex" | "mduRoot" | "manifestOpening" | "leafIndex" | "leafCount" | "commitment" | "merklePath">;
  /** SHA-256 of the 131,072 bytes served. */
  readonly blobHash: Uint8Array;
}

/**
 * What a provider signs with every blob it serves: SHA256("nil/resp/v1" ‖ U16 length ‖ chain_id ‖ session[32] ‖ U64 deal ‖
 * U64 generation ‖ root[48] ‖ U64 mdu ‖ U64 leaf ‖ U64 leaf_count ‖ commitment[48] ‖ hopsHash[32] ‖ blobHash[32]).
 */
export function responseDigest(terms: ResponseTerms): Uint8Array {
  const { hops } = terms;
  return sha256(
    concatBytes(
      ascii("nil/resp/v1"),
      prefixedString(terms.chainId, "chainId"),
      checkLength(terms.sessionId, 32, "sessionId"),
      u64(terms.dealId, "dealId"),
      u64(terms.generation, "generation"),
      checkLength(terms.manifestRoot, 48, "manifestRoot"),
      u64(hops.mduIndex, "mduIndex"),
      u64(hops.leafIndex, "leafIndex"),
      u64(hops.leafCount, "leafCount"),
      checkLength(hops.commitment, 48, "commitment"),
      hopsHash(hops),
      checkLength(terms.blobHash, 32, "blobHash"),
    ),
  );
}

/** Hops 1 and 2 as one hash: SHA256(mdu_root[32] ‖ manifest_opening[48] ‖ U32 path length ‖ path[32 each]). */
export function hopsHash(hops: Pick<OpenedBlob, "mduRoot" | "manifestOpening" | "merklePath">): Uint8Array {
  return sha256(
    concatBytes(
      checkLength(hops.mduRoot, 32, "mduRoot"),
      checkLength(hops.manifestOpening, 48, "manifestOpening"),
      u32(hops.merklePath.length, "merklePath"),
      ...hops.merklePath.map((node) => checkLength(node, 32, "merklePath")),
    ),
  );
}
