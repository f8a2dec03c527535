import { Mempool } from "../mempool/mempool.js";
import { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits } from "../mempool/limits.js";
import { Prechecks } from "../mempool/prechecks.js";
import { SeenCache } from "../mempool/seen_cache.js";
import { SILENT } from "./chain_fixture.js";
import { FakeApp, emptyDisk } from "./fake_app.js";

const tx = (text: string): Uint8Array => Buffer.from(text);
const NO_CHECKS = { run: () => Promise.resolve() };

function pool(limits: Partial<MempoolLimits> = {}, prechecks: { run(txs: readonly Uint8Array[]): Promise<void> } = NO_CHECKS): { app: FakeApp; mempool: Mempool } {
  const app = new FakeApp(emptyDisk());
  return { app, mempool: new Mempool(app, prechecks, { ...DEFAULT_MEMPOOL_LIMITS, ...limits }) };
}

const reaped = (mempool: Mempool, bytes = 1e9, gas = -1n): string[] => mempool.reap(bytes, gas).map((each) => Buffer.from(each).toString());

test("transactions leave in the order of their arrival, however their checks are batched", async () => {
  const batches: number[] = [];
  const { mempool } = pool({}, { run: async (txs) => void (batches.push(txs.length), await new Promise((resolve) => setTimeout(resolve, 2))) });
  const names = Array.from({ length: 20 }, (_, index) => `k${index}=1`);
  await Promise.all(names.map((name) => mempool.submit(tx(name))));
  expect(reaped(mempool)).toEqual(names);
  expect(batches).toEqual([1, 19]);
});

test("what CheckTx refuses is not pooled and may come again", async () => {
  const { app, mempool } = pool();
  for (let time = 0; time < 2; time++) expect((await mempool.submit(tx("bad"))).result.code).toBe(2);
  expect([mempool.size, mempool.bytes, app.checked.length]).toEqual([0, 0, 2]);
});

test("a throwing application rejects the submission and leaves nothing behind", async () => {
  const { app, mempool } = pool();
  app.checkTx = () => {
    throw new Error("bug");
  };
  await expect(mempool.submit(tx("a=1"))).rejects.toThrow("bug");
  app.checkTx = FakeApp.prototype.checkTx;
  expect((await mempool.submit(tx("a=1"))).result.code).toBe(0);
});

describe("refusals before any check", () => {
  test.each([
    ["over the size", { maxTxBytes: 3 }, "a=12", "mempool.tx_too_large"],
    ["over the count", { maxTxs: 1 }, "b=1", "mempool.full"],
    ["over the bytes", { maxBytes: 5 }, "b=1", "mempool.full"],
    ["seen", {}, "a=1", "mempool.tx_in_cache"],
  ])("%s", async (_name, limits, text, code) => {
    const { app, mempool } = pool(limits);
    await mempool.submit(tx("a=1"));
    await expect(mempool.submit(tx(text))).rejects.toMatchObject({ code });
    expect(app.checked).toEqual(["new:a=1"]);
  });

  test("the caps count what still waits for its check, and only that long", async () => {
    const { mempool } = pool({ maxTxs: 2 });
    const [first, second, third] = ["bad1", "bad2", "c=1"].map((text) => mempool.submit(tx(text)));
    await expect(third).rejects.toMatchObject({ code: "mempool.full" });
    expect((await Promise.all([first!, second!])).map(({ result }) => result.code)).toEqual([2, 2]);
    expect((await mempool.submit(tx("c=1"))).result.code).toBe(0);
  });

  test("the same transaction twice at once: one is checked", async () => {
    const { app, mempool } = pool();
    const [first, second] = await Promise.allSettled([mempool.submit(tx("a=1")), mempool.submit(tx("a=1"))]);
    expect([first.status, second.status, app.checked.length]).toEqual(["fulfilled", "rejected", 1]);
  });
});

describe("around a block", () => {
  test("included transactions leave, the rest is rechecked in order, the stale ones go", async () => {
    const { app, mempool } = pool();
    for (const text of ["a=1", "b=1", "c=1", "d=1"]) await mempool.submit(tx(text));
    app.checked = [];
    app.recheckRefuses.add("c=1");
    mempool.lock()([tx("a=1")], [0]);
    expect(app.checked).toEqual(["recheck:b=1", "recheck:c=1", "recheck:d=1"]);
    expect(reaped(mempool)).toEqual(["b=1", "d=1"]);
    expect(mempool.bytes).toBe(6);
  });

  test("what succeeded in a block stays refused; what failed, or went stale, may come again", async () => {
    const { app, mempool } = pool();
    for (const text of ["ok=1", "failed=bad", "stale=1"]) await mempool.submit(tx(text));
    app.recheckRefuses.add("stale=1");
    mempool.lock()([tx("ok=1"), tx("failed=bad")], [0, 5]);
    await expect(mempool.submit(tx("ok=1"))).rejects.toMatchObject({ code: "mempool.tx_in_cache" });
    for (const text of ["failed=bad", "stale=1"]) expect((await mempool.submit(tx(text))).result.code).toBe(0);
  });

  test("a transaction that arrives during the commit is checked after it, against the new state", async () => {
    const { app, mempool } = pool();
    await mempool.submit(tx("a=1"));
    const unlock = mempool.lock();
    const late = mempool.submit(tx("late=1"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(app.checked).toEqual(["new:a=1"]);
    unlock([], []);
    await late;
    expect(app.checked).toEqual(["new:a=1", "recheck:a=1", "new:late=1"]);
  });

  test("a transaction from elsewhere in a block is remembered as seen", async () => {
    const { mempool } = pool();
    mempool.lock()([tx("x=1")], [0]);
    await expect(mempool.submit(tx("x=1"))).rejects.toMatchObject({ code: "mempool.tx_in_cache" });
  });
});

test("a block takes what fits by framed size and by gas, never out of order", async () => {
  const { mempool } = pool();
  for (const text of ["a=1", `b=${"x".repeat(200)}`, "c=1"]) await mempool.submit(tx(text));
  // 3 bytes and 2 of framing; 202 bytes and 3 of framing.
  expect(reaped(mempool, 5)).toEqual(["a=1"]);
  expect(reaped(mempool, 209)).toHaveLength(1);
  expect(reaped(mempool, 210)).toHaveLength(2);
  expect(reaped(mempool, 4)).toEqual([]);
  expect(reaped(mempool, 1e6, 199n)).toHaveLength(1);
  expect(reaped(mempool, 1e6, 200n)).toHaveLength(2);
});

describe("prechecks", () => {
  test("verdicts reach the application per input; a batch is one call", async () => {
    const app = new FakeApp(emptyDisk());
    const calls: number[] = [];
    const checker = (inputs: readonly Uint8Array[]): Promise<boolean[]> => {
      calls.push(inputs.length);
      return Promise.resolve(inputs.map((input) => input[0] === 0x61));
    };
    await new Prechecks(app, { fake: checker }, SILENT).run([tx("a=1"), tx("b=1")]);
    expect([calls, app.admitted]).toEqual([[2], [["a=1", true], ["b=1", false]]]);
  });

  test.each([
    ["no checker of the kind", {}],
    ["a checker that fails", { fake: () => Promise.reject(new Error("worker died")) }],
    ["a checker that answers too little", { fake: () => Promise.resolve([]) }],
  ])("%s: nothing is admitted and nothing is lost", async (_name, checkers) => {
    const app = new FakeApp(emptyDisk());
    const mempool = new Mempool(app, new Prechecks(app, checkers, SILENT), DEFAULT_MEMPOOL_LIMITS);
    expect((await mempool.submit(tx("a=1"))).result.code).toBe(0);
    expect(app.admitted).toEqual([]);
  });
});

test("an application that throws in precheck costs a log line, not the node", async () => {
  const app = new FakeApp(emptyDisk());
  app.precheck = () => {
    throw new Error("bug");
  };
  const mempool = new Mempool(app, new Prechecks(app, {}, SILENT), DEFAULT_MEMPOOL_LIMITS);
  expect((await mempool.submit(tx("a=1"))).result.code).toBe(0);
});

test("the cache forgets the oldest first; seeing again counts as new", () => {
  const cache = new SeenCache(2);
  for (const key of ["a", "b", "a", "c"]) cache.add(key);
  expect(["a", "b", "c"].map((key) => cache.has(key))).toEqual([true, false, true]);
});
