/** Caps of the mempool; the defaults are CometBFT's, but for the bytes. */
export interface MempoolLimits {
  readonly maxTxs: number;
  readonly maxBytes: number;
  readonly maxTxBytes: number;
  /** Hashes remembered, so that a transaction seen lately is refused without a check. */
  readonly cacheSize: number;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  maxTxs: 5_000,
  maxBytes: 268_435_456,
  maxTxBytes: 1_048_576,
  cacheSize: 10_000,
};
