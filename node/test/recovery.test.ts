import { planRecovery } from "../engine/embedded/recovery.js";
import { ChainFixture } from "./chain_fixture.js";

describe("the plan", () => {
  const NONE = { from: 1n, to: 0n };
  test.each([
    ["nothing anywhere", { app: 0n, blocks: 0n, state: 0n, signed: 0n }, { initChain: true, replay: { from: 1n, to: 0n }, last: "none" }],
    ["all in step", { app: 5n, blocks: 5n, state: 5n, signed: 5n }, { initChain: false, replay: { from: 6n, to: 5n }, last: "none" }],
    ["block 1 saved, nothing executed", { app: 0n, blocks: 1n, state: 0n, signed: 1n }, { initChain: true, replay: { from: 1n, to: 0n }, last: "execute" }],
    ["block 1 committed, state not saved", { app: 1n, blocks: 1n, state: 0n, signed: 1n }, { initChain: false, replay: { from: 2n, to: 0n }, last: "adopt" }],
    ["block saved, not signed", { app: 5n, blocks: 6n, state: 5n, signed: 5n }, { initChain: false, replay: { from: 6n, to: 5n }, last: "execute" }],
    ["block committed, state not saved", { app: 6n, blocks: 6n, state: 5n, signed: 6n }, { initChain: false, replay: { from: 7n, to: 5n }, last: "adopt" }],
    ["application behind", { app: 2n, blocks: 5n, state: 5n, signed: 5n }, { initChain: false, replay: { from: 3n, to: 5n }, last: "none" }],
    ["application behind and a block not executed", { app: 2n, blocks: 6n, state: 5n, signed: 6n }, { initChain: false, replay: { from: 3n, to: 5n }, last: "execute" }],
    ["application lost", { app: 0n, blocks: 5n, state: 5n, signed: 5n }, { initChain: true, replay: { from: 1n, to: 5n }, last: "none" }],
  ])("%s", (_name, found, plan) => {
    expect(planRecovery({ ...found, initial: 1n })).toEqual(plan);
  });

  test.each([
    ["application ahead by one", { app: 6n, blocks: 5n, state: 5n, signed: 5n }, "recovery.app_ahead"],
    ["application without blocks", { app: 3n, blocks: 0n, state: 0n, signed: 3n }, "recovery.app_ahead"],
    ["blocks behind the state", { app: 4n, blocks: 4n, state: 5n, signed: 5n }, "recovery.blocks_out_of_step"],
    ["blocks two ahead of the state", { app: 5n, blocks: 7n, state: 5n, signed: 7n }, "recovery.blocks_out_of_step"],
    ["signed what is not saved", { app: 5n, blocks: 5n, state: 5n, signed: 6n }, "recovery.signed_ahead"],
    ["all lost but the sign state", { app: 0n, blocks: 0n, state: 0n, signed: 6n }, "recovery.signed_ahead"],
  ])("refuses: %s", (_name, found, code) => {
    expect(() => planRecovery({ ...found, initial: 1n })).toThrow(expect.objectContaining({ code }) as Error);
  });

  test("a later initial height counts from there", () => {
    expect(planRecovery({ app: 0n, blocks: 1000n, state: 999n, signed: 1000n, initial: 1000n })).toEqual({ initChain: true, replay: { ...NONE, from: 1000n, to: 999n }, last: "execute" });
  });
});

/**
 * Each block makes these writes in turn: block, (signature), results, (application), state, index. A crash before any
 * of them must leave a chain that goes on as if nothing had happened.
 */
describe("a crash while a block is made", () => {
  const TXS = ["a=1", "b=2", "c=bad", "a=3", "d=4"];

  async function twin(): Promise<string[]> {
    const chain = new ChainFixture();
    const engine = await chain.started();
    for (const text of TXS) {
      await engine.submit(Buffer.from(text));
      await engine.produceBlock();
    }
    const values = chain.disk.entries.map(([key, value]) => `${key}=${value}`);
    chain.remove();
    return values;
  }

  const CRASHES: readonly (readonly [string, { batch?: number; commit?: "before" | "after" }, number])[] = [
    ["before the block is saved", { batch: 1 }, 0],
    ["before the results are saved", { batch: 2 }, 1],
    ["before the application's batch", { commit: "before" }, 1],
    ["after the application's batch", { commit: "after" }, 1],
    ["before the engine's state is saved", { batch: 3 }, 1],
    ["before the index is written", { batch: 4 }, 1],
  ];

  test.each(CRASHES)("%s: the next start goes on, no block runs twice, nothing committed is lost", async (_name, crash, survives) => {
    const chain = new ChainFixture();
    let engine = await chain.started();
    for (const text of TXS) {
      await engine.submit(Buffer.from(text));
      if (crash.batch !== undefined) chain.db.failAt = chain.db.batches + crash.batch;
      chain.app.failCommit = crash.commit;
      const height = engine.height;
      await expect(engine.produceBlock()).rejects.toThrow(/crash|disk full/);
      expect(chain.fatal).toHaveLength(1);
      await expect(engine.produceBlock()).rejects.toMatchObject({ code: "engine.failed" });
      await engine.stop();
      chain.fatal = [];

      const before = chain.disk.height;
      engine = await chain.started();
      expect(engine.height).toBe(height + BigInt(survives));
      expect(chain.app.executed).toEqual(before < engine.height ? [engine.height] : []);
      if (survives === 0) {
        await engine.submit(Buffer.from(text));
        await engine.produceBlock();
      }
    }
    expect(chain.disk.entries.map(([key, value]) => `${key}=${value}`)).toEqual(await twin());
    for (const text of TXS) expect((await engine.searchTxs(`set.key='${text[0]}'`, { limit: 10, offset: 0, newestFirst: false })).total).toBeGreaterThan(0);
    chain.remove();
  });

  test("a crash inside the first block, before and after the genesis state is saved", async () => {
    for (const failAt of [1, 2, 3, 4]) {
      const chain = new ChainFixture();
      const engine = await chain.engine();
      chain.db.failAt = failAt;
      await expect(engine.start()).rejects.toThrow("crash");
      await engine.stop();
      expect((await chain.started()).height).toBe(1n);
      chain.remove();
    }
  });

  test("an application that lost its state executes every block again and arrives at the same hash", async () => {
    const chain = new ChainFixture();
    const engine = await chain.started();
    for (const text of TXS) {
      await engine.submit(Buffer.from(text));
      await engine.produceBlock();
    }
    await engine.stop();
    const hash = chain.disk.appHash;
    Object.assign(chain.disk, { height: 0n, entries: [] });
    await chain.started();
    expect(chain.app.executed).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    expect(chain.disk.appHash).toEqual(hash);
    chain.remove();
  });

  test("an application whose state is another chain's is refused, with both hashes named", async () => {
    const chain = new ChainFixture();
    await (await chain.started()).stop();
    const ours = Buffer.from(chain.disk.appHash).toString("hex").toUpperCase();
    chain.disk.appHash = Buffer.alloc(32, 1);
    await expect(chain.started()).rejects.toMatchObject({ code: "recovery.app_hash_mismatch", message: expect.stringContaining(ours) as string });
    await expect(chain.started()).rejects.toMatchObject({ message: expect.stringContaining("01".repeat(32)) as string });
    chain.remove();
  });

  test("a flipped bit in a stored block is found, not served", async () => {
    const chain = new ChainFixture();
    await (await chain.started()).stop();
    const key = Buffer.from("030000000000000001", "hex");
    const stored = Uint8Array.from(chain.database.get(key)!);
    stored[40]! ^= 1;
    await chain.database.batch([{ type: "put", key, value: stored }], { sync: true });
    const engine = await chain.started();
    expect(() => engine.block(1n)).toThrow(expect.objectContaining({ code: "block_store.corrupt" }) as Error);
    chain.remove();
  });
});
