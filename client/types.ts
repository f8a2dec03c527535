import type { Kzg, Profile } from "nild/nilfs";
import type { ChainClient } from "./chain.js";
import type { Wallet } from "./wallet.js";

/** What put, get and ls work with. */
export interface ClientContext {
  readonly chain: ChainClient;
  /** The account that owns deals, opens sessions and pays. `ls` and metadata reads need none. */
  readonly wallet: Wallet;
  /** Called at the first need only: the native back end takes long to load. */
  readonly kzg: () => Promise<Kzg>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Loopback and private provider endpoints; default: what the chain's parameters allow. */
  readonly allowPrivateEndpoints?: boolean;
  /** How long one provider may take to begin an answer, and to finish it; default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** Terms of a deal that `put` opens. */
export interface NewDeal {
  readonly profile: Profile;
  readonly durationBlocks: bigint;
  /** unil moved into the deal's escrow. */
  readonly deposit: bigint;
  /** Room for later commits; default: what the files need. */
  readonly maxUserMdus?: number;
  /** Hot, Cold, General; default Hot. */
  readonly serviceHint?: string;
  /** unil; default 0. */
  readonly maxMonthlySpend?: bigint;
  readonly publicRead?: boolean;
}

export type PutPhase = "deal" | "placement" | "encode" | "upload" | "ack" | "commit";

export interface PutProgress {
  readonly phase: PutPhase;
  /** Bytes for encode and upload, counts for the others. */
  readonly done: number;
  readonly total: number;
}

/** What `put` stores, and where. */
export interface PutOptions {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array; readonly timestamp?: bigint }[];
  /** The deal to fill, or the terms of a new one. */
  readonly deal: bigint | NewDeal;
  /** Lets a commit take the place of what the deal holds; without it such a deal is refused (`deal_has_content`). */
  readonly replace?: boolean;
  readonly onProgress?: (progress: PutProgress) => void;
}

/** A slot that gave no answer, and why. */
export interface SlotFailure {
  readonly slot: number;
  readonly provider: string;
  /** Stable code of the provider's or the network's answer. */
  readonly code: string;
  readonly reason: string;
}

/** What the chain holds once `put` is done. */
export interface PutResult {
  readonly dealId: bigint;
  readonly generation: bigint;
  /** 48 bytes. */
  readonly manifestRoot: Uint8Array;
  readonly sizeBytes: number;
  readonly totalMdus: number;
  /** Slots whose provider acknowledged its bytes. */
  readonly ackedSlots: readonly number[];
  /** Slots without an ack: the chain repairs them with their provider as first candidate. */
  readonly failed: readonly SlotFailure[];
  /** unil moved into the deal's rent pool. */
  readonly charged: bigint;
  readonly txHash: string;
  /** Milliseconds spent encoding and committing the user's bytes to polynomials. */
  readonly encodeMs: number;
  /** Bytes that providers already had, from an interrupted run. */
  readonly skippedBytes: number;
}

/** What `get` reads. */
export interface GetOptions {
  readonly dealId: bigint;
  readonly path: string;
  /** Bytes [from, to) of the file; default: all of it. */
  readonly range?: { readonly from: number; readonly to: number };
  readonly onProgress?: (progress: { readonly phase: "metadata" | "sessions" | "fetch"; readonly done: number; readonly total: number }) => void;
  /** Takes the bytes in order as they are verified; then `bytes` stays empty. */
  readonly sink?: (chunk: Uint8Array) => void | Promise<void>;
}

/** What a provider signed for one blob: enough to show to a third party that it did. */
export interface SignedResponse {
  readonly chainId: string;
  readonly sessionId: Uint8Array;
  readonly dealId: bigint;
  readonly generation: bigint;
  readonly manifestRoot: Uint8Array;
  readonly mduIndex: number;
  readonly mduRoot: Uint8Array;
  readonly manifestOpening: Uint8Array;
  readonly leafIndex: number;
  readonly leafCount: number;
  readonly commitment: Uint8Array;
  readonly merklePath: readonly Uint8Array[];
  /** SHA-256 of the blob served. */
  readonly blobHash: Uint8Array;
  /** ed25519 by the provider's response key over nilfs' responseDigest. */
  readonly signature: Uint8Array;
}

/** The check that a provider's answer failed. */
export type LieReason = "bad_bytes" | "bad_hops" | "bad_signature" | "bad_metadata";

/** A provider that answered with something false. */
export interface Liar {
  readonly provider: string;
  readonly slot: number;
  readonly reason: LieReason;
  readonly detail: string;
  /** The signed response and the bytes under it; absent when nothing was signed. */
  readonly evidence?: { readonly response: SignedResponse; readonly blob: Uint8Array };
}

/** The file, and who failed or lied on the way. */
export interface GetResult {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly sessions: readonly { readonly id: Uint8Array; readonly slot: number; readonly provider: string; readonly blobs: number; readonly confirmed: boolean }[];
  readonly liars: readonly Liar[];
  /** Slots that gave no (whole) answer. */
  readonly missing: readonly SlotFailure[];
}

/** A file record of a deal's content. */
export interface ListedFile {
  readonly path: string;
  readonly length: number;
  /** Unix seconds, 0 when unknown. */
  readonly timestamp: bigint;
  readonly flags: number;
}
