import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { ChainView } from "./chain_view.js";
import type { Slabs } from "./slabs.js";
import type { Area, ObjectStore, Place } from "./store.js";

/** Superseded content stays so many epochs: challenges of the epoch in which it was replaced still ask for it. */
const KEEP_EPOCHS = 2n;
const AREAS: readonly Area[] = ["staging", "acked", "deals", "repair"];

/** Removes what the chain has no more use for. */
export class Collector {
  /** The epoch in which a place was first seen to be of no use. */
  readonly #uselessSince = new Map<string, bigint>();

  constructor(
    private readonly view: ChainView,
    private readonly store: ObjectStore,
    private readonly slabs: Slabs,
  ) {}

  /** Once per epoch. Looks at every place that this provider has on disk. */
  async collect(epoch: bigint): Promise<void> {
    for (const area of AREAS) {
      for (const { dealId, generation } of await this.store.generations(area)) await this.#consider({ area, dealId, generation }, epoch);
    }
  }

  async #consider(place: Place, epoch: bigint): Promise<void> {
    const key = this.store.directory(place);
    const volume = await this.view.volume(place.dealId);
    if (volume !== undefined && this.#isUseful(place, volume)) {
      this.#uselessSince.delete(key);
      return;
    }
    const since = this.#uselessSince.get(key) ?? epoch;
    this.#uselessSince.set(key, since);
    if (epoch < since + KEEP_EPOCHS || (await this.#hasReaders(place))) return;
    await this.store.exclusively(place, () => this.store.remove(place));
    this.slabs.forget(place);
    this.#uselessSince.delete(key);
  }

  #isUseful({ area, generation }: Place, volume: Volume): boolean {
    if (this.view.slotOf(volume) === undefined) return false;
    return area === "staging" || area === "acked" ? generation > volume.generation : generation >= volume.generation;
  }

  async #hasReaders({ dealId, generation }: Place): Promise<boolean> {
    const { sessions } = await this.view.chain.query.retrieval.sessions({ provider: this.view.address });
    const live = [Status.OPEN, Status.PROVED, Status.CONFIRMED];
    return sessions.some((session) => session.dealId === dealId && session.generation === generation && live.includes(session.status));
  }
}
