import type { Transaction } from "./ante.js";

/** What a block may hold; undefined = no limit. */
export interface BlockLimits {
  readonly maxBytes: number | undefined;
  readonly maxGas: bigint | undefined;
}

/** Size of a transaction inside a block: field tag, length varint, bytes. */
export function framedSize(tx: Uint8Array): number {
  let lengthBytes = 1;
  for (let rest = tx.length >>> 7; rest > 0; rest >>>= 7) lengthBytes += 1;
  return 1 + lengthBytes + tx.length;
}

/** Takes transactions in order while they decode and fit; skips what does not. */
export function selectTxs(txs: readonly Uint8Array[], limits: BlockLimits, read: (tx: Uint8Array) => Transaction | undefined): Uint8Array[] {
  const chosen: Uint8Array[] = [];
  let bytes = 0;
  let gas = 0n;
  for (const tx of txs) {
    const gasLimit = read(tx)?.gasLimit;
    if (gasLimit === undefined) continue;
    const size = framedSize(tx);
    if (limits.maxBytes !== undefined && bytes + size > limits.maxBytes) continue;
    if (limits.maxGas !== undefined && gas + gasLimit > limits.maxGas) continue;
    bytes += size;
    gas += gasLimit;
    chosen.push(tx);
  }
  return chosen;
}

/** A block is acceptable if every transaction decodes and together they keep the limits. */
export function acceptable(txs: readonly Uint8Array[], limits: BlockLimits, read: (tx: Uint8Array) => Transaction | undefined): boolean {
  return selectTxs(txs, limits, read).length === txs.length;
}
