import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { answerDue } from "./challenges.js";
import type { ChainView } from "./chain_view.js";
import type { Collector } from "./collector.js";
import type { JobQueue } from "./jobs.js";
import { repairSlot, type RepairContext } from "./repair.js";
import type { ServedSessions } from "./served_sessions.js";
import { proveSessions, sessionsToProve } from "./settlement.js";

export interface WatcherContext extends RepairContext {
  readonly view: ChainView;
  readonly queue: JobQueue;
  readonly served: ServedSessions;
  readonly collector: Collector;
  readonly pollMs: number;
  readonly onError: (error: unknown) => void;
}

/** What the watcher got done. */
export interface WorkCount {
  challengesAnswered: number;
  sessionsProved: number;
  repairsDone: number;
}

/**
 * Asks the chain at each new height what there is to do. It keeps no memory of its own: what is due is asked for again
 * until the chain has it, also after a crash.
 */
export class Watcher {
  readonly work: WorkCount = { challengesAnswered: 0, sessionsProved: 0, repairsDone: 0 };
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ticking: Promise<void> = Promise.resolve();
  #epoch = -1n;

  constructor(private readonly context: WatcherContext) {}

  start(): void {
    this.#ticking = this.#tick().finally(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.context.pollMs);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#ticking;
    await this.context.queue.stop();
  }

  async #tick(): Promise<void> {
    const { chain, view, served } = this.context;
    try {
      const height = await chain.height();
      if (height === view.height) return;
      view.sawHeight(height);
      await this.#challenges();
      await this.#assignments();
      await this.#settleAcked();
      const ids = sessionsToProve(served, height);
      if (ids.length > 0) {
        this.context.queue.add({
          key: "sessions",
          deadline: height,
          run: async () => {
            this.work.sessionsProved += await proveSessions(this.context, served, ids);
          },
        });
      }
    } catch (error) {
      this.context.onError(error);
    }
  }

  async #challenges(): Promise<void> {
    const { chain, wallet, queue, collector } = this.context;
    const due = await chain.query.challenge.due({ provider: wallet.address });
    if (due.epoch !== this.#epoch) {
      this.#epoch = due.epoch;
      await collector.collect(due.epoch);
    }
    if (due.slots.length === 0) return;
    queue.add({
      key: "challenges",
      deadline: due.endHeight,
      run: async () => {
        // Asked again: an answer that was under way may be in a block by now.
        this.work.challengesAnswered += await answerDue(this.context, await chain.query.challenge.due({ provider: wallet.address }));
      },
    });
  }

  async #assignments(): Promise<void> {
    const { chain, wallet, queue, view } = this.context;
    let key = new Uint8Array(0);
    do {
      const page = await chain.query.mode2.assignments({ provider: wallet.address, pagination: { key } });
      for (const { dealId, slot, candidate } of page.assignments) {
        if (!candidate) continue;
        const held = (await view.volume(dealId))?.slots[slot];
        if (held?.status !== SlotStatus.REPAIRING) continue;
        queue.add({
          key: `repair/${dealId}/${slot}`,
          deadline: held.repairDeadlineHeight,
          slow: true,
          run: async () => {
            if (await repairSlot(this.context, dealId, slot)) this.work.repairsDone++;
          },
        });
      }
      key = new Uint8Array(page.pagination?.nextKey ?? []);
    } while (key.length > 0);
  }

  /** Content that was acknowledged becomes the deal's once the chain has it. */
  async #settleAcked(): Promise<void> {
    const { store, view, slabs, log } = this.context;
    for (const { dealId, generation } of await store.generations("acked")) {
      const volume = await view.volume(dealId);
      if (volume?.generation !== generation || view.slotOf(volume) === undefined) continue;
      await slabs.settle(dealId, generation, volume.manifestRoot).catch((error: unknown) => {
        log("warn", "acknowledged content is not what was committed", { deal: dealId.toString(), error: String(error) });
      });
    }
  }
}
