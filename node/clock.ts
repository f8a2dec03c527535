/** The node's only source of time. Blocks take their times from it; tests inject their own. */
export interface Clock {
  /** Nanoseconds since 1970. */
  nowNs(): bigint;
}

export const systemClock: Clock = {
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
};
