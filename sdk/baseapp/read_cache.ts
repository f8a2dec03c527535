import { sha256Latin1 } from "../crypto/hash.js";
import type { Transaction } from "./ante.js";

/**
 * Transactions that were read before, by the hash of their bytes: precheck, CheckTx, proposal and block each need the
 * same one. Bounded by bytes in two generations, like the verdicts. Reading is stateless, so a miss only costs time.
 */
export class ReadCache {
  #young = new Map<string, Transaction>();
  #old = new Map<string, Transaction>();
  #youngBytes = 0;

  constructor(
    /** Bytes of transactions per generation; 0 keeps nothing. */
    readonly capacity: number,
    readonly read: (bytes: Uint8Array) => Transaction,
  ) {}

  /** For what looks at a transaction without executing its messages. */
  get(bytes: Uint8Array): Transaction {
    const key = sha256Latin1(bytes);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known) return known;
    // A copy: what is decoded holds views of its bytes, and the caller may use the buffer again.
    const tx = this.read(bytes.slice());
    this.#remember(key, tx);
    return tx;
  }

  /** For execution, which owns what it gets: handlers may change a message, and nobody may see that later. */
  take(bytes: Uint8Array): Transaction {
    const key = sha256Latin1(bytes);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (!known) return this.read(bytes);
    this.#young.delete(key);
    this.#old.delete(key);
    return known;
  }

  #remember(key: string, tx: Transaction): void {
    if (this.#youngBytes + tx.decoded.size > this.capacity) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    if (tx.decoded.size > this.capacity) return;
    this.#young.set(key, tx);
    this.#youngBytes += tx.decoded.size;
  }
}
