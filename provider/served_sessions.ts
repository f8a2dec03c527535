import path from "node:path";
import type { Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { rowsOf } from "nild/nilfs";
import { HttpError } from "./errors.js";
import { readJson, writeJsonDurably } from "./files.js";
import { sessionProfile } from "./sessions.js";

/** A session may read its run a few times over, to repeat broken transfers, and not without end. */
const READS_PER_BLOB = 4;

interface Served {
  readonly expiresHeight: bigint;
  readonly blobCount: number;
  /** Distinct blobs of the run that went out. */
  readonly blobs: Set<number>;
  /** Blobs that went out, repeats included. */
  reads: number;
}

/** A session that can be proved, as far as serving decides it. */
export interface ProvableSession {
  /** 64 hex digits. */
  readonly id: string;
  readonly expiresHeight: bigint;
  /** All of its run went out. */
  readonly complete: boolean;
}

/** Which sessions this provider served and has yet to prove. On disk: a restart must not lose what was earned. */
export class ServedSessions {
  readonly #sessions = new Map<string, Served>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: string) {}

  static async open(home: string): Promise<ServedSessions> {
    const served = new ServedSessions(path.join(home, "sessions.json"));
    for (const [id, entry] of Object.entries((await readJson(served.file)) ?? {})) {
      const known = parseEntry(entry);
      if (known !== undefined) served.#sessions.set(id, known);
    }
    return served;
  }

  get length(): number {
    return this.#sessions.size;
  }

  /** @throws HttpError `session_used_up`. */
  admit(session: Session, blobs: number): void {
    const reads = this.#sessions.get(idOf(session))?.reads ?? 0;
    if (reads + blobs > READS_PER_BLOB * Number(session.blobCount)) throw new HttpError("session_used_up", `the session has read its blobs ${READS_PER_BLOB} times: open another`);
  }

  /** Rows [fromRow, toRow) of an MDU are about to go out. */
  async record(session: Session, mduIndex: number, fromRow: number, toRow: number): Promise<void> {
    const id = idOf(session);
    const served = this.#sessions.get(id) ?? { expiresHeight: session.expiresHeight, blobCount: Number(session.blobCount), blobs: new Set<number>(), reads: 0 };
    const wasComplete = served.blobs.size === served.blobCount;
    const first = (mduIndex - session.startMdu) * rowsOf(sessionProfile(session)) - session.startRow;
    for (let row = fromRow; row < toRow; row++) served.blobs.add(first + row);
    served.reads += toRow - fromRow;
    const isNew = !this.#sessions.has(id);
    this.#sessions.set(id, served);
    if (isNew || (!wasComplete && served.blobs.size === served.blobCount)) await this.#save();
  }

  provable(): ProvableSession[] {
    return [...this.#sessions].map(([id, { expiresHeight, blobs, blobCount }]) => ({ id, expiresHeight, complete: blobs.size === blobCount }));
  }

  /** Proved, or past proving. */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#sessions.delete(id);
    if (ids.length > 0) await this.#save();
  }

  #save(): Promise<void> {
    const write = (): Promise<void> => {
      const entries = [...this.#sessions].map(([id, s]) => [id, { expires: s.expiresHeight.toString(), count: s.blobCount, blobs: [...s.blobs], reads: s.reads }] as const);
      return writeJsonDurably(this.file, Object.fromEntries(entries));
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function idOf(session: Session): string {
  return Buffer.from(session.id).toString("hex");
}

function parseEntry(entry: unknown): Served | undefined {
  const { expires, count, blobs, reads } = (entry ?? {}) as { expires?: unknown; count?: unknown; blobs?: unknown; reads?: unknown };
  if (typeof expires !== "string" || !/^[0-9]{1,20}$/.test(expires) || typeof count !== "number" || typeof reads !== "number" || !Array.isArray(blobs)) return undefined;
  return { expiresHeight: BigInt(expires), blobCount: count, blobs: new Set(blobs.filter((blob): blob is number => typeof blob === "number")), reads };
}
