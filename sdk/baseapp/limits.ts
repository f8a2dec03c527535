/** Bounds that hold whatever the chain's parameters say. */
export interface Limits {
  readonly maxTxBytes: number;
  readonly maxMessages: number;
  readonly maxQueryBytes: number;
  readonly maxGenesisBytes: number;
  /** Verdicts per cache generation. */
  readonly verdicts: number;
  /** Bytes of decoded transactions per cache generation. */
  readonly decodedBytes: number;
  /** Gas of one query. */
  readonly queryGas: bigint;
}

export const DEFAULT_LIMITS: Limits = {
  maxTxBytes: 1 << 20,
  maxMessages: 256,
  maxQueryBytes: 2 << 20,
  maxGenesisBytes: 64 << 20,
  verdicts: 20_000,
  decodedBytes: 8 << 20,
  queryGas: 1_000_000_000n,
};
