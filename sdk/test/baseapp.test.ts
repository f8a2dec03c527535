import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { type ExecCtx, MemoryDatabase, hookPoint, sdkErr } from "nild/sdk";
import { type Fixture, TrapError, UnexpectedError, execCtx, packMessage, readCtx, testAccount, trapped } from "nild/testing";
import { type Marks, probeApp, probeChain, probeModule } from "./probe.js";

const send = packMessage(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: "", amount: [] });
const tx = (nild: Fixture, messages = 1, gas = 1_000_000n): Uint8Array => nild.sign(Array(messages).fill(send), { from: "alice", gas });
/** Bugs that the application reports and survives, as in production. */
const counted = () => {
  const bugs: unknown[] = [];
  return { bugs, onUnexpected: (error: unknown): undefined => void bugs.push(error) };
};

describe("what a handler throws", () => {
  test("an SdkError fails the transaction with its code and drops writes and events", async () => {
    const { nild, probe } = probeChain({
      send(ctx, marks) {
        marks.add(ctx, "written");
        ctx.emitLegacy("seen", {});
        throw sdkErr.Unauthorized("no");
      },
    });
    await nild.genesis();
    const { txResults } = await nild.block([tx(nild)]);
    expect(txResults[0]).toMatchObject({ codespace: "sdk", code: 4, log: "failed to execute message; message index: 0: no", events: [] });
    expect(probe.api.list(nild.app.readCtx())).toEqual([]);
  });

  test("any other exception is undefined/1, is counted, and leaves nothing", async () => {
    const { bugs, onUnexpected } = counted();
    const { nild, probe } = probeChain(
      {
        send(ctx, marks) {
          marks.add(ctx, "written");
          throw new TypeError("bug");
        },
      },
      { onUnexpected },
    );
    await nild.genesis();
    const { txResults } = await nild.block([tx(nild)]);
    expect(txResults[0]).toMatchObject({ codespace: "undefined", code: 1 });
    expect(bugs).toEqual([expect.any(TypeError)]);
    expect(probe.api.list(nild.app.readCtx())).toEqual([]);
  });

  test("under test a bug is fatal", async () => {
    const { nild } = probeChain({
      send() {
        throw new TypeError("bug");
      },
    });
    await nild.genesis();
    expect(() => nild.execute([tx(nild)])).toThrow(UnexpectedError);
  });

  test.each([
    ["stack overflow", () => recurse(0)],
    ["a failed allocation", () => new ArrayBuffer(2 ** 50)],
    ["a fault of the database", () => { throw Object.assign(new Error("disk"), { fatal: true }); }],
  ])("%s stops the block instead of failing the transaction", async (_name, fail) => {
    const { bugs, onUnexpected } = counted();
    const { nild } = probeChain({ send: () => void fail() }, { onUnexpected });
    await nild.genesis();
    expect(() => nild.execute([tx(nild)])).toThrow();
    expect(bugs).toEqual([]);
  });
});

describe("blockers", () => {
  test("one that throws loses its writes and events; the block goes on", async () => {
    const { bugs, onUnexpected } = counted();
    const { nild, probe } = probeChain(
      {
        beginBlock(ctx, marks) {
          marks.add(ctx, "half");
          ctx.emitLegacy("seen", {});
          throw sdkErr.InvalidRequest("broken");
        },
        endBlock: (ctx, marks) => marks.add(ctx, "end"),
      },
      { onUnexpected },
    );
    await nild.genesis();
    const { events } = await nild.block([]);
    expect(events).toEqual([]);
    expect(probe.api.list(nild.app.readCtx())).toEqual(["end"]);
    expect(bugs.length).toBeGreaterThan(0);
  });

  test("isolated items: a bad one is dropped whole, its neighbours stay", () => {
    const { probe } = probeChain({});
    const ctx = execCtx();
    const item = (name: string, fail: boolean) =>
      ctx.isolated((branch) => {
        probe.api.add(branch, name);
        branch.emitLegacy("done", { name });
        if (fail) throw sdkErr.InvalidRequest(name);
        return name;
      });
    const outcomes = [item("a", false), item("b", true), item("c", false)];
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(probe.api.list(ctx)).toEqual(["a", "c"]);
    expect(ctx.events.map(({ attributes }) => attributes[0]!.value)).toEqual(["a", "c"]);
  });

  test("isolated items: a gas limit bounds the item, not the block", () => {
    const { probe } = probeChain({});
    const ctx = execCtx();
    const outcome = ctx.isolated(
      (branch) => {
        for (let i = 0; i < 1_000; i++) probe.api.add(branch, `${i}`);
        return undefined;
      },
      { gasLimit: 100_000n },
    );
    expect(outcome).toMatchObject({ ok: false, error: { codespace: "sdk", code: 11 } });
    expect(probe.api.list(ctx)).toEqual([]);
    expect(ctx.gas.used).toBeLessThan(100_000n);
  });

  test("nested: the outer failure drops what the inner one kept", () => {
    const { probe } = probeChain({});
    const ctx = execCtx();
    ctx.isolated((outer) => {
      outer.isolated((inner) => probe.api.add(inner, "inner"));
      throw sdkErr.InvalidRequest("outer");
    });
    expect(probe.api.list(ctx)).toEqual([]);
  });
});

describe("gas", () => {
  const spend = (ctx: ExecCtx, marks: Marks): undefined => marks.add(ctx, "x".repeat(100));

  test("out of gas inside a message is sdk/11 and says where", async () => {
    const { nild } = probeChain({ send: spend });
    await nild.genesis();
    const [result] = nild.execute([tx(nild, 1, 2_500n)]).txResults;
    expect(result).toMatchObject({ codespace: "sdk", code: 11, gasWanted: 2_500n });
    expect(result!.gasUsed).toBeGreaterThan(2_500n);
    expect(result!.log).toContain("out of gas in location: Write; gasWanted: 2500, gasUsed: ");
  });

  test("the messages of a transaction share one meter", async () => {
    const { nild } = probeChain({ send: spend });
    await nild.genesis();
    const [one, two] = [1, 2].map((count) => nild.execute([tx(nild, count)]).txResults[0]!.gasUsed);
    expect(two).toBe(2n * one!);
  });

  test("a block whose gas is used up refuses the rest with sdk/11", async () => {
    const { nild } = probeChain({ send: (ctx) => void ctx.gas.consume(600_000_000n, "work") });
    await nild.genesis();
    const results = nild.execute([0, 1, 2].map(() => tx(nild, 1, 600_000_000n))).txResults;
    expect(results.map(({ code }) => code)).toEqual([0, 0, 11]);
  });
});

describe("construction is refused", () => {
  const env = { db: new MemoryDatabase(), onUnexpected: () => undefined };
  test.each([
    ["a module missing from initGenesis", { order: { initGenesis: [], beginBlock: ["probe"], endBlock: ["probe"] } }],
    ["a blocker missing from its pass", { order: { initGenesis: ["probe"], beginBlock: [], endBlock: ["probe"] } }],
    ["an unknown module in a pass", { order: { initGenesis: ["probe", "ghost"], beginBlock: ["probe"], endBlock: ["probe"] } }],
    ["a module twice in a pass", { order: { initGenesis: ["probe", "probe"], beginBlock: ["probe"], endBlock: ["probe"] } }],
  ])("for %s", (_name, over) => {
    expect(() => probeApp(probeModule(), env, over)).toThrow(/order/);
  });

  test("for two modules that handle one message", () => {
    const probe = probeModule();
    expect(() => probeApp(probe, env, { modules: [probe, { ...probe, name: "other" }] })).toThrow(/two handlers/);
  });

  test("for a state of another module version", async () => {
    const { nild } = probeChain({});
    await nild.genesis();
    const newer = { ...probeModule(), consensusVersion: 2 };
    expect(() => probeApp(newer, { db: nild.db, onUnexpected: () => undefined })).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });
});

test("invariants report in words, and the fixture stops at a broken one", async () => {
  let broken = false;
  const { nild } = probeChain({ invariant: () => (broken ? "1 is not 2" : undefined) });
  await nild.genesis();
  expect(nild.app.invariants()).toEqual({ "probe/holds": undefined });
  broken = true;
  await expect(nild.block([])).rejects.toThrow("probe/holds: 1 is not 2");
});

describe("traps", () => {
  test.each([
    ["Date.now", () => Date.now()],
    ["new Date", () => new Date()],
    ["Math.random", () => Math.random()],
    ["performance.now", () => performance.now()],
    ["setTimeout", () => setTimeout(() => undefined, 0)],
    ["process.env", () => process.env["HOME"]],
    ["fetch", () => typeof fetch],
    ["localeCompare", () => "a".localeCompare("b")],
    ["toLocaleString", () => (1).toLocaleString()],
    ["a promise's then", () => Promise.resolve().then(() => undefined)],
  ])("%s throws inside a block and works after it", async (_name, use) => {
    const { nild } = probeChain({ endBlock: () => void use() });
    expect(() => nild.initChain({})).not.toThrow();
    expect(() => nild.execute([], 1n)).toThrow(TrapError);
    expect(use).not.toThrow();
  });

  test("are lifted when the work throws", () => {
    expect(() => trapped(() => { throw new Error("work"); })).toThrow("work");
    expect(Date.now()).toBeGreaterThan(0);
  });
});

describe("hook points", () => {
  test("run their listeners in sealed order; a throw stops the rest", () => {
    const hook = hookPoint<string>("probe.done");
    const heard: string[] = [];
    hook.seal(
      (_ctx, event) => void heard.push(`first ${event}`),
      () => { throw sdkErr.InvalidRequest("stop"); },
      () => void heard.push("never"),
    );
    expect(() => hook.fire(execCtx(), "x")).toThrow(expect.objectContaining({ code: 18 }));
    expect(heard).toEqual(["first x"]);
  });

  test("refuse to fire before they are sealed and to be sealed twice", () => {
    const hook = hookPoint<string>("probe.done");
    expect(() => hook.fire(execCtx(), "x")).toThrow(/before it was sealed/);
    hook.seal();
    expect(() => hook.seal()).toThrow(/sealed already/);
  });
});

test("a read context has no way to write", () => {
  expect("store" in readCtx()).toBe(false);
});

function recurse(depth: number): number {
  return recurse(depth + 1) + 1;
}
