import type { Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { ClientError, type ChainClient } from "nild/client";
import { HttpError } from "./errors.js";

/** Blocks take longer than this, so a request sees the chain at most one block late. */
const FRESH_MS = 400;
const MAX_ENTRIES = 1024;

/** The chain as requests need it: volumes and sessions, asked for once per short while however many requests come. */
export class ChainView {
  readonly #volumes = new ShortCache<bigint, Volume>();
  readonly #sessions = new ShortCache<string, Session>();
  #height = 0n;

  constructor(
    readonly chain: ChainClient,
    /** This provider's address. */
    readonly address: string,
  ) {}

  /** Kept by the watcher. */
  get height(): bigint {
    return this.#height;
  }

  sawHeight(height: bigint): void {
    this.#height = height;
  }

  /** Undefined for a deal that does not exist. @throws HttpError `chain_unreachable`. */
  volume(dealId: bigint): Promise<Volume | undefined> {
    return this.#volumes.get(dealId, () => found(async () => (await this.chain.query.mode2.volume({ dealId })).volume));
  }

  /** As `volume`, but not one cached from before `generation`: a reader may know of a commit earlier than this cache. */
  async volumeAt(dealId: bigint, generation: bigint): Promise<Volume | undefined> {
    const known = await this.volume(dealId);
    if (known === undefined || known.generation >= generation) return known;
    this.#volumes.drop(dealId);
    return this.volume(dealId);
  }

  session(idHex: string): Promise<Session | undefined> {
    return this.#sessions.get(idHex, () => found(async () => (await this.chain.query.retrieval.session({ sessionId: Buffer.from(idHex, "hex") })).session));
  }

  /** The slot that this provider holds or is to take over. */
  slotOf(volume: Volume): number | undefined {
    const candidate = volume.slots.find((slot) => slot.candidate === this.address);
    return (candidate ?? volume.slots.find((slot) => slot.provider === this.address && slot.status !== SlotStatus.VACANT))?.slot;
  }
}

async function found<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ClientError && error.code === "not_found") return undefined;
    if (error instanceof ClientError) throw new HttpError("chain_unreachable", "this provider cannot ask the chain now; try again or read from another provider");
    throw error;
  }
}

class ShortCache<K, V> {
  readonly #entries = new Map<K, { until: number; value: Promise<V | undefined> }>();

  drop(key: K): void {
    this.#entries.delete(key);
  }

  get(key: K, load: () => Promise<V | undefined>): Promise<V | undefined> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > Date.now()) return known.value;
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    const value = load();
    this.#entries.set(key, { until: Date.now() + FRESH_MS, value });
    value.catch(() => this.#entries.delete(key));
    return value;
  }
}
