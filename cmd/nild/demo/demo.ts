import { mkdtemp, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type ClientContext, type GetResult, type PutResult, get, put } from "nild/client";
import { Home, createLog } from "nild/node";
import { BLOB_BYTES } from "nild/nilfs";
import { addressToString, moduleAddress } from "nild/sdk";
import { lazyKzg } from "../kzg.js";
import { CliError, EXIT } from "../output.js";
import type { Progress } from "../progress.js";
import { openApplication } from "../run_node.js";
import { Child } from "./child.js";
import { type Money, settleAccounts } from "./money.js";
import { EPOCH_BLOCKS, Network, type ProviderProcess } from "./network.js";

const PROVIDERS = 14;
const PROFILE = { k: 8, m: 4 };
const DURATION_BLOCKS = 10_000n;
const DEPOSIT = 500_000_000n;
const KILLED_SLOT = 2;
const LYING_SLOT = 5;
const EPOCHS_TO_WATCH = 2;
/** An epoch is ten seconds: what takes many of them has gone wrong. */
const PATIENCE_MS = 180_000;

export interface DemoResult {
  readonly bytes: number;
  readonly dealId: bigint;
  readonly manifestRoot: Uint8Array;
  readonly generation: bigint;
  readonly commitMibPerS: number;
  readonly epochs: number;
  readonly proofsVerified: bigint;
  readonly byteEqual: { after_upload: boolean; during_repair: boolean; after_repair: boolean; after_corruption: boolean };
  readonly repairedSlot: number;
  readonly liar: string;
  readonly money: Money;
  readonly invariants: Readonly<Record<string, boolean>>;
  readonly appHash: string;
  readonly heights: { first: number; last: number; restart: number };
  readonly names: ReadonlyMap<string, string>;
}

/** How the demo talks to whoever watches. */
export interface Stage {
  readonly progress: Progress;
  say(text: string): void;
}

/** The main job on a real file: real processes, real proofs, a crash, a repair, a liar, and every unit accounted for. */
export async function runDemo(file: string, stage: Stage, options: { keep?: boolean } = {}): Promise<DemoResult> {
  const bytes = await readFile(file);
  const folder = await mkdtemp(join(tmpdir(), "nild-demo-"));
  let interrupt = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new CliError(EXIT.failed, "interrupted", "stopped by a signal; all that it started is stopped too"));
  });
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  let held = false;
  try {
    const work = async (): Promise<DemoResult> => {
      stage.say(`1. A chain (block 1 s, epoch ${EPOCH_BLOCKS} blocks) and ${PROVIDERS} storage providers, each a process of its own`);
      const network = await Network.start(folder, PROVIDERS, (count) => stage.progress.update("starting", count, PROVIDERS + 1));
      return new Demo(network, stage, bytes, basename(file)).run();
    };
    const result = await Promise.race([work(), interrupted]);
    held = true;
    return result;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    await Child.stopAll();
    stage.progress.end();
    if (held && !options.keep) await rm(folder, { recursive: true, force: true });
    else stage.say(`   homes and logs are in ${folder}`);
  }
}

class Demo {
  readonly #context: ClientContext;
  constructor(
    readonly network: Network,
    readonly stage: Stage,
    readonly bytes: Uint8Array,
    readonly path: string,
  ) {
    this.#context = { chain: network.chain(), wallet: network.owner, kzg: lazyKzg((reason) => stage.say(`   ${reason}`)) };
  }

  async run(): Promise<DemoResult> {
    const { network, stage } = this;
    await this.#providersReady();

    stage.say(`2. A deal RS(${PROFILE.k}+${PROFILE.m}): encode and commit ${this.path} (${this.bytes.length} bytes), upload, acks, commit on chain`);
    const stored = await this.#store();
    await network.events.catchUp();
    stage.say(`   block ${network.events.height}: deal ${stored.dealId}, generation ${stored.generation}: ${stored.ackedSlots.length} of ${PROFILE.k + PROFILE.m} slots acknowledged, ${stored.charged} unil into the rent pool`);

    stage.say(`3. ${EPOCHS_TO_WATCH} challenge epochs: every due slot answers with openings verified on chain, and earns rent`);
    await this.#watchEpochs(stored.dealId);

    stage.say("4. Retrieval through paid sessions, every byte compared");
    const afterUpload = await this.#fetch(stored.dealId);

    const killed = await this.#holderOf(stored.dealId, KILLED_SLOT);
    stage.say(`5. SIGKILL to provider ${killed.index} (slot ${KILLED_SLOT}); the chain must notice, and repair`);
    const duringRepair = await this.#killAndRepair(stored.dealId, killed);
    const afterRepair = await this.#fetch(stored.dealId);

    const liar = await this.#holderOf(stored.dealId, LYING_SLOT);
    stage.say(`6. Flipped bytes on the disk of provider ${liar.index} (slot ${LYING_SLOT}), which now serves them unchecked`);
    await this.#corrupt(liar);
    const afterCorruption = await this.#fetch(stored.dealId);
    const named = afterCorruption.result.liars.map(({ provider }) => provider);
    if (!named.includes(liar.address)) throw failed(`the client did not name ${liar.address}, which served flipped bytes`);
    stage.say(`   the client found the lie, read another slot, and names ${liar.address}`);

    stage.say("7. The books, the invariants, an export, and a restart from disk");
    const books = await this.#closeTheBooks();
    const names = new Map([
      ...network.providers.map(({ address, index }): [string, string] => [address, `provider ${index}`]),
      [addressToString(moduleAddress("fee_collector")), "the fee collector"],
    ]);
    return {
      bytes: this.bytes.length,
      dealId: stored.dealId,
      manifestRoot: stored.manifestRoot,
      generation: stored.generation,
      commitMibPerS: this.bytes.length / 2 ** 20 / (stored.encodeMs / 1_000),
      byteEqual: { after_upload: afterUpload.equal, during_repair: duringRepair, after_repair: afterRepair.equal, after_corruption: afterCorruption.equal },
      repairedSlot: KILLED_SLOT,
      liar: liar.address,
      names,
      ...books,
    };
  }

  async #providersReady(): Promise<void> {
    const { providers } = await this.#context.chain.query.provider.providers({});
    if (providers.length !== PROVIDERS) throw failed(`${providers.length} of ${PROVIDERS} providers registered`);
    const from = providers.reduce((latest, { drawableFromEpoch }) => (drawableFromEpoch > latest ? drawableFromEpoch : latest), 0n);
    this.stage.say(`   all registered; the chain may draw them from epoch ${from} on`);
    await this.#waitForEpoch(Number(from), "waiting");
  }

  /** `label` names the wait on the progress bar. */
  async #waitForEpoch(epoch: number, label: string): Promise<void> {
    const { stage } = this;
    const { events } = this.network;
    const start = events.height;
    const goal = epoch * EPOCH_BLOCKS + 1;
    await events.waitFor(`epoch ${epoch}`, () => (events.of("nil.epoch.v1.EventEpochStarted").some(({ attributes }) => Number(attributes.get("number")) >= epoch) ? true : undefined), {
      timeoutMs: PATIENCE_MS,
      tick: () => stage.progress.update(label, events.height - start, Math.max(1, goal - start)),
    });
    stage.progress.end();
  }

  async #store(): Promise<PutResult> {
    const stored = await put(this.#context, {
      files: [{ path: this.path, bytes: this.bytes }],
      deal: { profile: PROFILE, durationBlocks: DURATION_BLOCKS, deposit: DEPOSIT },
      onProgress: ({ phase, done, total }) => this.stage.progress.update(phase, done, total),
    });
    this.stage.progress.end();
    return stored;
  }

  async #watchEpochs(dealId: bigint): Promise<void> {
    const { events } = this.network;
    const slots = PROFILE.k + PROFILE.m;
    const enough = (): true | undefined => {
      const onTime = events.of("nil.challenge.v1.EventVerdict").filter(({ attributes }) => attributes.get("deal_id") === dealId.toString() && attributes.get("verdict") === "VERDICT_ON_TIME");
      const counts = Array.from({ length: slots }, (_, slot) => onTime.filter(({ attributes }) => attributes.get("slot") === String(slot)).length);
      this.stage.progress.update("verdicts", counts.reduce((sum, count) => sum + Math.min(count, EPOCHS_TO_WATCH), 0), slots * EPOCHS_TO_WATCH);
      return counts.every((count) => count >= EPOCHS_TO_WATCH) ? true : undefined;
    };
    await events.waitFor(`${EPOCHS_TO_WATCH} verdicts on time for every slot`, enough, { timeoutMs: PATIENCE_MS });
    this.stage.progress.end();
    const others = events.of("nil.challenge.v1.EventVerdict").map(({ attributes }) => attributes.get("verdict") ?? "").filter((verdict) => verdict !== "VERDICT_ON_TIME");
    if (others.includes("VERDICT_WRONG")) throw failed("an honest provider's proof was judged wrong");
    if (others.length > 0) this.stage.say(`   (${others.length} answers came too late at first: this machine is busy)`);
    const rent = events.of("nil.escrow.v1.EventRentPaid").reduce((sum, { attributes }) => sum + BigInt(attributes.get("amount") ?? "0"), 0n);
    if (rent === 0n) throw failed("no rent was paid");
    this.stage.say(`   block ${events.height}: every slot proved itself in ${EPOCHS_TO_WATCH} epochs; rent paid so far: ${rent} unil`);
  }

  async #fetch(dealId: bigint): Promise<{ equal: boolean; result: GetResult }> {
    const result = await get(this.#context, { dealId, path: this.path, onProgress: ({ phase, done, total }) => this.stage.progress.update(phase, done, total) });
    this.stage.progress.end();
    const equal = Buffer.compare(result.bytes, this.bytes) === 0;
    this.stage.say(`   ${result.length} bytes through ${result.sessions.length} sessions: ${equal ? "equal" : "NOT EQUAL"}${result.missing.length > 0 ? `; slots without an answer: ${result.missing.map(({ slot }) => slot).join(", ")}` : ""}`);
    return { equal, result };
  }

  async #holderOf(dealId: bigint, slot: number): Promise<ProviderProcess> {
    const { volume } = await this.#context.chain.query.mode2.volume({ dealId });
    return this.network.provider(volume!.slots[slot]!.provider);
  }

  async #killAndRepair(dealId: bigint, killed: ProviderProcess): Promise<boolean> {
    const { events } = this.network;
    await killed.child.kill();
    const atOnce = await this.#fetch(dealId);
    const about = (type: string) => events.of(type).find(({ attributes }) => attributes.get("deal_id") === dealId.toString() && attributes.get("slot") === String(KILLED_SLOT));
    const from = events.height;
    const wait = <T>(what: string, look: () => T | undefined): Promise<T> =>
      events.waitFor(what, look, { timeoutMs: PATIENCE_MS, tick: () => this.stage.progress.update("noticing", Math.min(events.height - from, 4 * EPOCH_BLOCKS), 4 * EPOCH_BLOCKS) });
    const started = await wait("the repair", () => about("nil.mode2.v1.EventRepairStarted"));
    this.stage.progress.end();
    this.stage.say(`   block ${started.height}: the verdicts evicted the silent provider, the slot is under repair`);
    const meanwhile = await this.#fetch(dealId);
    const promoted = await events.waitFor("the promotion", () => about("nil.mode2.v1.EventSlotPromoted"), { timeoutMs: PATIENCE_MS });
    const candidate = this.network.provider(promoted.attributes.get("provider")!);
    this.stage.say(`   block ${promoted.height}: provider ${candidate.index} rebuilt the slot from its peers, proved it, and holds it now`);
    return atOnce.equal && meanwhile.equal;
  }

  /** One byte in every blob of the provider's shards. */
  async #corrupt(provider: ProviderProcess): Promise<void> {
    await this.network.restartProvider(provider, "serve-unchecked");
    const shards = (await readdir(provider.home, { recursive: true })).filter((name) => /mdu_[0-9]+_slot_[0-9]+\.bin$/.test(name));
    if (shards.length === 0) throw failed(`provider ${provider.index} holds no shard on disk`);
    for (const shard of shards) {
      const file = await open(join(provider.home, shard), "r+");
      const { size } = await file.stat();
      for (let at = 1; at < size; at += BLOB_BYTES) {
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
        await file.write(Buffer.of(buffer[0]! ^ 0x01), 0, 1, at);
      }
      await file.close();
    }
  }

  async #closeTheBooks(): Promise<Pick<DemoResult, "money" | "invariants" | "appHash" | "heights" | "epochs" | "proofsVerified">> {
    const { network, stage } = this;
    const { chain } = this.#context;
    const { proofsVerified } = await chain.query.challenge.stats({});
    await network.stopNode();

    const home = new Home(network.nodeHome);
    const { app, close } = await openApplication(home, createLog({ level: "error", format: "auto" }));
    const { lastBlockHeight, lastBlockAppHash } = app.info();
    const broken = app.invariants();
    const genesis = app.exportGenesis();
    await close();
    await writeFile(join(network.folder, "exported_genesis.json"), genesis);
    const invariants = Object.fromEntries(Object.entries(broken).map(([name, problem]) => [name, problem === undefined]));
    stage.say(`   height ${lastBlockHeight}: ${Object.keys(invariants).length} invariants checked, genesis exported (${genesis.length} bytes)`);

    await network.restartNode();
    const restart = Number(lastBlockHeight);
    const appHash = Buffer.from(lastBlockAppHash).toString("hex").toUpperCase();
    // The next header carries the hash that the restarted application answered.
    const next = await network.events.waitFor("a block after the restart", () => (network.events.height > restart ? restart + 1 : undefined), { timeoutMs: PATIENCE_MS });
    const { block } = await network.events.call<{ block: { header: { app_hash: string } } }>("block", { height: String(next) });
    if (block.header.app_hash !== appHash) throw failed(`the restarted chain goes on from app hash ${block.header.app_hash}, not ${appHash}`);
    stage.say(`   restarted from disk; block ${next} goes on from the same app hash ${appHash.slice(0, 16)}…`);

    const totals = await network.chain().query.escrow.totals({});
    const money = settleAccounts(network.events.all, addressToString(moduleAddress("escrow")), network.owner.address, {
      entered: totals.totals!.entered,
      burned: totals.totals!.burned,
      refunded: totals.totals!.refunded,
      held: totals.held,
    });
    const epochs = network.events.of("nil.epoch.v1.EventEpochStarted").length;
    return { money, invariants, appHash: `0x${appHash.toLowerCase()}`, heights: { first: 1, last: network.events.height, restart }, epochs, proofsVerified };
  }
}

const failed = (what: string): CliError => new CliError(EXIT.failed, "demo_failed", what, "the logs of every process are kept; see the line above");
