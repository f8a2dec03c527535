import { create } from "@bufbuild/protobuf";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SessionSchema } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { codeOf } from "../../client/test/codes.js";
import { JobQueue, type Job } from "../jobs.js";
import { RateLimit } from "../rate_limit.js";
import { ResponseKey } from "../response_key.js";
import { ServedSessions } from "../served_sessions.js";
import { sessionsToProve } from "../settlement.js";
import { ObjectStore, type Place } from "../store.js";
import { flipByte } from "./bytes.js";

const BLOB = 131_072;

let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "nild-store-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe("store", () => {
  const place: Place = { area: "staging", dealId: 1n, generation: 2n };
  const object = (): Uint8Array => {
    const bytes = new Uint8Array(4 * BLOB);
    bytes.fill(1, 0, BLOB).fill(2, 3 * BLOB);
    return bytes;
  };

  test("zero blobs take no room, and what is read is what was written", async () => {
    const store = await ObjectStore.open(home, 10 * BLOB);
    await store.write(place, "mdu_0.bin", object());
    expect(store.usedBytes).toBe(2 * BLOB);
    expect(Buffer.from(await store.read(place, "mdu_0.bin", 0, 4)).equals(object())).toBe(true);
    expect((await store.read(place, "mdu_0.bin", 3, 4))[0]).toBe(2);
    // Replaced, moved and removed, the count stays true.
    await store.write(place, "mdu_0.bin", object());
    expect(store.usedBytes).toBe(2 * BLOB);
    await store.move(place, { ...place, area: "deals" });
    expect((await ObjectStore.open(home, 10 * BLOB)).usedBytes).toBe(2 * BLOB);
    await store.remove({ ...place, area: "deals" });
    expect(store.usedBytes).toBe(0);
  });

  test.each([[0], [BLOB + 5], [4 * BLOB - 1]])("a flipped byte at %s is seen in its blob and no other", async (at) => {
    const store = await ObjectStore.open(home, 10 * BLOB);
    await store.write(place, "mdu_0.bin", object());
    await flipByte(path.join(store.directory(place), "mdu_0.bin"), at);
    for (let blob = 0; blob < 4; blob++) {
      const read = store.read(place, "mdu_0.bin", blob, blob + 1);
      if (blob === Math.floor(at / BLOB)) expect(await codeOf(read)).toBe("corrupt_object");
      else await read;
    }
    expect((await store.read(place, "mdu_0.bin", 0, 4, { unchecked: true })).length).toBe(4 * BLOB);
  });

  test("a lost or cut object is missing; an interrupted write is no object and is swept", async () => {
    const store = await ObjectStore.open(home, 10 * BLOB);
    await store.write(place, "mdu_0.bin", object());
    await store.write(place, "mdu_1.bin", object());
    const directory = store.directory(place);
    await writeFile(path.join(directory, "mdu_0.bin"), new Uint8Array(10));
    await rm(path.join(directory, "mdu_1.bin.sums"));
    await writeFile(path.join(directory, ".tmp-1"), "x");
    expect(await codeOf(store.read(place, "mdu_0.bin", 0, 1))).toBe("object_missing");
    expect(await codeOf(store.read(place, "mdu_1.bin", 0, 1))).toBe("object_missing");
    expect([...(await store.list(place)).keys()]).toEqual(["mdu_0.bin"]);
    await ObjectStore.open(home, 10 * BLOB);
    expect(await readdir(directory)).not.toContain(".tmp-1");
  });

  test("writes together never pass the quota", async () => {
    const store = await ObjectStore.open(home, 5 * BLOB);
    const results = await Promise.allSettled([0, 1, 2, 3].map((i) => store.write(place, `mdu_${i}.bin`, object())));
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(2);
    expect(store.usedBytes).toBe(4 * BLOB);
  });
});

describe("served sessions", () => {
  const session = (fill: number, expiresHeight = 100n) =>
    create(SessionSchema, { id: new Uint8Array(32).fill(fill), blobCount: 2n, profile: { k: 8, m: 4 }, startMdu: 2, startRow: 7, expiresHeight });

  test("are proved when their run went out, or near their end, also after a restart", async () => {
    const served = await ServedSessions.open(home);
    await served.record(session(1), 2, 7, 8);
    await served.record(session(1), 3, 0, 1);
    await served.record(session(2), 2, 7, 8);
    const [whole, half] = ["01".repeat(32), "02".repeat(32)];
    for (const known of [served, await ServedSessions.open(home)]) {
      expect(sessionsToProve(known, 10n)).toEqual([whole]);
      expect(sessionsToProve(known, 90n)).toEqual([whole, half]);
    }
    await served.forget([whole]);
    expect((await ServedSessions.open(home)).provable().map(({ id }) => id)).toEqual([half]);
  });

  test.each(["{", "[]", '{"ab": 3}', '{"ab": {"expires": 1}}', '{"ab": {"expires": "x", "count": 1, "reads": 1, "blobs": []}}'])("a damaged journal (%s) is an empty one", async (text) => {
    await writeFile(path.join(home, "sessions.json"), text);
    expect((await ServedSessions.open(home)).length).toBe(0);
  });
});

describe("jobs", () => {
  /** A queue whose jobs end when told to. */
  function controlled(): { queue: JobQueue; started: string[]; failed: string[]; job: (key: string, deadline: bigint, slow?: boolean) => Job; end: (key: string, error?: Error) => Promise<void> } {
    const started: string[] = [];
    const failed: string[] = [];
    const ends = new Map<string, (error?: Error) => void>();
    const queue = new JobQueue(({ key }) => failed.push(key));
    const job = (key: string, deadline: bigint, slow = false): Job => ({
      ...{ key, deadline, slow },
      run: () =>
        new Promise((resolve, reject) => {
          started.push(key);
          ends.set(key, (error) => (error === undefined ? resolve() : reject(error)));
        }),
    });
    const end = async (key: string, error?: Error): Promise<void> => {
      ends.get(key)!(error);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { queue, started, failed, job, end };
  }

  test("the earliest deadline goes first, and a slow job never takes both places", async () => {
    const { queue, started, job, end } = controlled();
    queue.add(job("repair-1", 5n, true));
    queue.add(job("repair-2", 1n, true));
    queue.add(job("proof-late", 9n));
    queue.add(job("proof-soon", 3n));
    expect(started).toEqual(["repair-1", "proof-late"]);
    await end("proof-late");
    expect(started).toEqual(["repair-1", "proof-late", "proof-soon"]);
    await end("repair-1");
    expect(started.at(-1)).toBe("repair-2");
    await Promise.all([end("repair-2"), end("proof-soon")]);
    expect(queue.length).toBe(0);
  });

  test("a job that waits or runs is not added twice; one that failed waits a while", async () => {
    const { queue, started, failed, job, end } = controlled();
    expect(queue.add(job("a", 1n))).toBe(true);
    expect(queue.add(job("a", 1n))).toBe(false);
    await end("a", new Error("no"));
    expect(failed).toEqual(["a"]);
    expect(queue.add(job("a", 1n))).toBe(false);
    expect(started).toEqual(["a"]);
  });

  test("the queue is bounded", () => {
    const { queue, job } = controlled();
    const added = Array.from({ length: 400 }, (_, i) => queue.add(job(String(i), 1n))).filter(Boolean).length;
    expect(added).toBe(258);
    expect(queue.length).toBe(258);
  });

  test("stopped, it ends what runs and takes nothing more", async () => {
    const { queue, started, job, end } = controlled();
    for (const key of ["a", "b", "c"]) queue.add(job(key, 1n));
    const stopped = queue.stop();
    await end("a");
    await end("b");
    await stopped;
    expect(started).toEqual(["a", "b"]);
    expect(queue.add(job("d", 1n))).toBe(false);
  });
});

test("the rate limit counts by address", () => {
  const limit = new RateLimit(2);
  expect([limit.take("a"), limit.take("a"), limit.take("a"), limit.take("b")]).toEqual([true, true, false, true]);
});

test("a response key signs as ed25519 does elsewhere; a seed of another length is refused", async () => {
  const seed = new Uint8Array(32).fill(3);
  const key = new ResponseKey(seed);
  expect(key.publicKey).toEqual(ed25519.getPublicKey(seed));
  expect(key.sign(new Uint8Array(32))).toEqual(ed25519.sign(new Uint8Array(32), seed));
  expect(await codeOf(async () => new ResponseKey(new Uint8Array(31)))).toBe("bad_key");
});
