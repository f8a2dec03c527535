import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { equalBytes, findFile, joinBytes, NilfsError, streamFile, type FileRecord, type SlabMetadata } from "nild/nilfs";
import { present } from "./chain.js";
import { ChainError, ClientError } from "./errors.js";
import { blobKey, LieError, SlotFetcher, type BlobMap } from "./fetch.js";
import { fetchMetadata, type Blame } from "./metadata.js";
import { planWindows, rowAt, runOf, type ReadWindow } from "./plan.js";
import { confirmSessions, openSessions, type OpenedSession, type SlotRun } from "./sessions.js";
import { readCommittedVolume, slotFailure, slotHolders, type SlotHolder } from "./volume.js";
import type { ClientContext, GetOptions, GetResult } from "./types.js";

/**
 * Reads a file through paid sessions. Every byte is checked against the chain's manifest root before it is handed on; a
 * slot that fails or lies is replaced by another, its bytes rebuilt from any K.
 * @throws ClientError `no_content`, `no_metadata`, `file_not_found`, `bad_range`, `not_enough_slots`; ChainError.
 */
export async function get(context: ClientContext, options: GetOptions): Promise<GetResult> {
  const volume = await readCommittedVolume(context, options.dealId);
  const { holders, unusable } = await slotHolders(context, volume);
  const blame: Blame = { liars: [], missing: [...unusable] };
  const usable = await healthy(holders, blame);
  options.onProgress?.({ phase: "metadata", done: 0, total: 1 });
  const metadata = await fetchMetadata(context, volume, usable, blame);
  options.onProgress?.({ phase: "metadata", done: 1, total: 1 });

  const file = lookUp(metadata, options.path);
  const { from, to } = checkRange(file, options.range);
  const maxBlobs = Number(present((await context.chain.query.retrieval.params({})).params, "params").maxBlobsPerSession);
  const windows = planWindows(metadata.profile, file, from, to, maxBlobs);
  const reader = await WindowReader.create(context, volume, metadata, usable, blame, options.onProgress);

  const getBlob = async (mduIndex: number, leafIndex: number): Promise<Uint8Array | undefined> => {
    const row = rowAt(metadata.profile, metadata.witnessMdus, mduIndex, leafIndex);
    const window = windows.find(({ firstRow, endRow }) => row >= firstRow && row < endRow);
    return window === undefined ? undefined : (await reader.read(window)).get(blobKey(mduIndex, leafIndex));
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamFile(metadata, options.path, getBlob, { start: from, end: to })) {
    if (options.sink === undefined) chunks.push(chunk);
    else await options.sink(chunk);
  }
  return { bytes: joinBytes(chunks), length: to - from, sessions: reader.sessions, liars: blame.liars, missing: blame.missing };
}

/** How often a file's slots are looked up anew before a refusal is final. */
const MAX_REFRESHES = 3;

/** Fetches one window at a time and keeps the last. */
class WindowReader {
  readonly sessions: { id: Uint8Array; slot: number; provider: string; blobs: number; confirmed: boolean }[] = [];
  #current: { window: ReadWindow; blobs: Promise<BlobMap> } | undefined;
  readonly #out = new Set<string>();
  #holders: readonly SlotHolder[];
  #refreshes = 0;

  private constructor(
    private readonly context: ClientContext,
    private readonly volume: Volume,
    private readonly metadata: SlabMetadata,
    holders: readonly SlotHolder[],
    private readonly blame: Blame,
    private readonly fetcher: SlotFetcher,
    private readonly onProgress: GetOptions["onProgress"],
  ) {
    this.#holders = holders;
  }

  static async create(
    context: ClientContext,
    volume: Volume,
    metadata: SlabMetadata,
    holders: readonly SlotHolder[],
    blame: Blame,
    onProgress: GetOptions["onProgress"],
  ): Promise<WindowReader> {
    const fetcher = new SlotFetcher(await context.chain.chainId(), volume, metadata, await context.kzg());
    return new WindowReader(context, volume, metadata, holders, blame, fetcher, onProgress);
  }

  read(window: ReadWindow): Promise<BlobMap> {
    if (this.#current?.window !== window) this.#current = { window, blobs: this.#fetchWindow(window) };
    return this.#current.blobs;
  }

  /** Opens sessions until the wanted data slots are in, or any K slots are. */
  async #fetchWindow(window: ReadWindow): Promise<BlobMap> {
    const { k } = this.metadata.profile;
    const run = runOf(this.metadata.profile, this.metadata.witnessMdus, window);
    const blobs: BlobMap = new Map();
    const good: OpenedSession[] = [];
    for (;;) {
      const have = new Set(good.map(({ holder }) => holder.slot));
      const round = nextRound(window.slots, this.#candidates(have), have, k);
      if (round === "done") break;
      if (round === "stuck") throw this.#stuck(have.size, k);
      this.onProgress?.({ phase: "sessions", done: good.length, total: good.length + round.length });
      const opened = await this.#open(round, run);
      await Promise.all(
        opened.map(async (session) => {
          try {
            for (const [key, blob] of await this.fetcher.fetch(session)) blobs.set(key, blob);
            good.push(session);
            this.onProgress?.({ phase: "fetch", done: good.length, total: opened.length });
          } catch (error) {
            this.#drop(session, error);
          }
        }),
      );
    }
    await this.#confirm(good);
    return blobs;
  }

  /** A slot may have gone into repair since the volume was read: then it is read again, and others are tried. */
  async #open(round: readonly SlotHolder[], run: SlotRun): Promise<OpenedSession[]> {
    try {
      return await openSessions(this.context, this.volume, round, run);
    } catch (error) {
      if (!(error instanceof ChainError) || error.codespace !== "retrieval" || this.#refreshes >= MAX_REFRESHES) throw error;
      this.#refreshes++;
      const now = await readCommittedVolume(this.context, this.volume.dealId);
      if (!equalBytes(now.manifestRoot, this.volume.manifestRoot)) throw error;
      this.#holders = (await slotHolders(this.context, now)).holders;
      return [];
    }
  }

  /** ACTIVE, not read yet in this window, and not found false or silent before. */
  #candidates(have: ReadonlySet<number>): SlotHolder[] {
    return this.#holders.filter(({ provider, slot, active }) => active && !this.#out.has(provider) && !have.has(slot));
  }

  #drop(session: OpenedSession, error: unknown): void {
    const { slot, provider } = session.holder;
    this.#out.add(provider);
    this.sessions.push({ id: session.id, slot, provider, blobs: session.run.blobs, confirmed: false });
    if (error instanceof LieError) this.blame.liars.push(error.liar);
    else this.blame.missing.push(slotFailure(slot, provider, error));
  }

  async #confirm(good: readonly OpenedSession[]): Promise<void> {
    if (good.length === 0) return;
    await confirmSessions(this.context, good);
    for (const { id, holder, run } of good) this.sessions.push({ id, slot: holder.slot, provider: holder.provider, blobs: run.blobs, confirmed: true });
  }

  #stuck(have: number, k: number): ClientError {
    const names = [...this.blame.liars.map((liar) => `slot ${liar.slot} ${liar.reason}`), ...this.blame.missing.map((gone) => `slot ${gone.slot} ${gone.code}`)];
    return new ClientError("not_enough_slots", `${have} of the ${k} slots needed could be read (${names.join(", ")})`, "wait for repairs, or for providers to come back");
  }
}

/** Which slots to open next: the data slots, as long as all can still come; else any, until K are in. */
function nextRound(wanted: readonly number[], candidates: readonly SlotHolder[], have: ReadonlySet<number>, k: number): readonly SlotHolder[] | "done" | "stuck" {
  const left = wanted.filter((slot) => !have.has(slot));
  if (left.length === 0 || have.size >= k) return "done";
  const data = candidates.filter(({ slot }) => left.includes(slot));
  if (data.length === left.length) return data;
  const ordered = [...data, ...candidates.filter((holder) => !data.includes(holder))];
  const missing = k - have.size;
  return ordered.length < missing ? "stuck" : ordered.slice(0, missing);
}

async function healthy(holders: readonly SlotHolder[], blame: Blame): Promise<SlotHolder[]> {
  const answers = await Promise.all(holders.map(({ http }) => http.isHealthy()));
  holders.forEach(({ slot, provider, http }, i) => {
    if (!answers[i]) blame.missing.push({ slot, provider, code: "unreachable", reason: `${http.baseUrl}/health does not answer` });
  });
  return holders.filter((_, i) => answers[i]);
}

function lookUp(metadata: SlabMetadata, path: string): FileRecord {
  try {
    return findFile(metadata.mdu0, path);
  } catch (error) {
    if (!(error instanceof NilfsError) || error.code !== "file_not_found") throw error;
    throw new ClientError("file_not_found", error.message, "ls names the deal's files");
  }
}

function checkRange(file: FileRecord, range: GetOptions["range"]): { from: number; to: number } {
  const { from, to } = range ?? { from: 0, to: file.length };
  const ok = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= file.length;
  if (!ok) throw new ClientError("bad_range", `bytes ${from}..${to} of a file of ${file.length}`, "give 0 <= from <= to <= length");
  return { from, to };
}
