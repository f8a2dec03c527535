import { sdkErr } from "./errors.js";

/** 1 gas ≈ 1 ns of the reference machine; store prices are the Cosmos SDK's KV prices. */
export const GAS = {
  has: 1_000n,
  delete: 1_000n,
  readFlat: 1_000n,
  readByte: 3n,
  writeFlat: 2_000n,
  writeByte: 30n,
  iterNext: 30n,
  kzgOpening: 1_000_000n,
} as const;

/** Counts gas against a limit; throws sdk/11 when it is passed. `undefined` limit = unmetered (blockers, genesis). */
export class GasMeter {
  #used = 0n;
  constructor(readonly limit: bigint | undefined) {}

  get used(): bigint {
    return this.#used;
  }

  consume(amount: bigint, location: string): void {
    this.#used += amount;
    if (this.limit !== undefined && this.#used > this.limit) {
      throw sdkErr.OutOfGas(`out of gas in location: ${location}; gasWanted: ${this.limit}, gasUsed: ${this.#used}`);
    }
  }
}
