import type { ChainClient, Wallet } from "nild/client";
import type { Kzg } from "nild/nilfs";

export interface ProviderOptions {
  /** Data, staging and journal live here; made when missing. */
  readonly home: string;
  readonly chain: ChainClient;
  /** The operator account: names the provider and signs its transactions. */
  readonly wallet: Wallet;
  /** ed25519 seed, 32 bytes: signs acks and served blobs. */
  readonly responseKey: Uint8Array;
  /** Called at the first need, once: loading the native back end takes 1.7 s of a core. */
  readonly kzg: () => Promise<Kzg>;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Bytes that stored and staged objects may take; default 64 GiB. */
  readonly quotaBytes?: number;
  /** How often the chain is asked for work; default 500 ms. */
  readonly pollMs?: number;
  readonly log?: (level: "debug" | "info" | "warn" | "error", message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly faults?: Faults;
  readonly limits?: Partial<HttpLimits>;
}

/** Ways to behave badly on purpose, for demos and tests of those who must notice. Never on by default. */
export interface Faults {
  /** A dishonest provider: serves and signs what the disk holds without checking it (`--fault serve-unchecked`). */
  readonly serveUnchecked?: boolean;
}

export interface HttpLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** A reader that has not taken its answer after so long is cut off. */
  readonly responseTimeoutMs: number;
  readonly maxConnections: number;
  /** Answers under way at once; above it 503. */
  readonly maxInFlight: number;
  /** Metadata reads without a session, per minute and address. */
  readonly metadataReadsPerMinute: number;
}

/** What a provider claims when it registers. */
export interface RegisterOptions {
  /** unil. */
  readonly bond: bigint;
  readonly totalBytes: bigint;
  /** Multiaddrs; default: this daemon's own address as /ip4/…/tcp/…/http. */
  readonly endpoints?: readonly string[];
  readonly capability?: "archive" | "general" | "edge";
  readonly failureDomain?: { readonly asn: string; readonly region: string };
}

/** What /status answers. */
export interface ProviderStatus {
  readonly address: string;
  /** http://host:port */
  readonly url: string;
  /** What objects take on disk, verified or not. */
  readonly storedBytes: number;
  readonly quotaBytes: number;
  readonly height: string;
  readonly queueLength: number;
  readonly challengesAnswered: number;
  readonly sessionsProved: number;
  readonly repairsDone: number;
  readonly blobsServed: number;
  readonly corruptObjects: number;
  readonly lastError: { readonly code: string; readonly message: string } | undefined;
}
