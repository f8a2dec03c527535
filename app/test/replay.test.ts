import type { Limits } from "nild/sdk";
import { type Fixture, testAccount } from "nild/testing";
import { bankSection, chain, newChain, sendTx, unil } from "./chain.js";

/* The same blocks give the same hashes; misuse by an engine changes nothing. */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const SECTIONS = { bank: bankSection({ alice: 1_000_000_000n, carol: 1_000_000_000n }), epoch: { params: { length_blocks: "3", ring_size: 5 } } };

/** Eight blocks with successes, failures and nothing; `between` sees the fixture after each. */
async function story(between: (nild: Fixture) => Fixture = (nild) => nild, limits: Partial<Limits> = {}): Promise<string[]> {
  let nild = between(await newChain({ limits }).genesis(SECTIONS));
  const hashes: string[] = [];
  const blocks: ((nild: Fixture) => Uint8Array[])[] = [
    () => [],
    (now) => [sendTx(now), sendTx(now, { sequence: 1n }), sendTx(now, { from: "carol" })],
    (now) => [sendTx(now, { amount: unil(10_000_000_000n) }), Uint8Array.of(1, 2), sendTx(now, { sequence: 99n })],
    () => [],
    (now) => [sendTx(now, { gas: 30_000n })],
    (now) => [sendTx(now, { to: testAccount("dave").address })],
    () => [],
  ];
  for (const txs of blocks) {
    const { appHash } = await nild.block(txs(nild));
    hashes.push(hex(appHash));
    nild = between(nild);
  }
  return hashes;
}

test("the same log gives the same app hashes twice in a process", async () => {
  const first = await story();
  expect(new Set(first).size).toBe(first.length);
  expect(await story()).toEqual(first);
});

test("a restart at every height changes nothing", async () => {
  expect(await story((nild) => nild.restart())).toEqual(await story());
});

test("proposals, checks, simulations and queries between blocks change nothing", async () => {
  const busy = await story((nild) => {
    const tx = sendTx(nild, { from: "carol" });
    nild.app.prepareProposal({ txs: [tx], maxTxBytes: 10_000, height: nild.height + 1n, timeNs: 0n });
    nild.app.processProposal({ height: nild.height + 1n, timeNs: 0n, hash: new Uint8Array(32), proposerAddress: new Uint8Array(20), txs: [tx] });
    nild.app.checkTx(tx, "new");
    nild.app.checkTx(tx, "recheck");
    nild.rawQuery("/app/simulate", tx);
    nild.execute([tx]);
    for (const check of nild.app.precheck(tx)) nild.app.admit(check, true);
    return nild;
  });
  expect(busy).toEqual(await story());
});

test("no caches, or tiny ones, change nothing", async () => {
  const busy = (limits: object) =>
    story((nild) => {
      nild.app.checkTx(sendTx(nild, { from: "carol" }), "new");
      return nild;
    }, limits);
  const expected = await story();
  expect(await busy({ verdicts: 1, decodedBytes: 0 })).toEqual(expected);
  expect(await busy({ verdicts: 1, decodedBytes: 400 })).toEqual(expected);
});

test("finalizeBlock again starts over from the last commit, with other transactions too", async () => {
  const nild = await chain({ alice: 1_000_000n });
  const tx = sendTx(nild);
  const [first, other, again] = [nild.execute([tx]), nild.execute([]), nild.execute([tx])];
  expect(again).toEqual(first);
  expect(hex(other.appHash)).not.toBe(hex(first.appHash));
});

test("the first block can be executed again too", () => {
  const nild = newChain();
  nild.initChain(SECTIONS);
  const first = nild.execute([], 1n);
  expect(nild.execute([], 1n)).toEqual(first);
});

test("what commit persists is what finalizeBlock announced", async () => {
  const nild = await chain({ alice: 1_000_000n });
  const { appHash } = await nild.block([sendTx(nild)]);
  expect(hex(nild.app.info().lastBlockAppHash)).toBe(hex(appHash));
  expect(nild.restart().app.info()).toEqual(nild.app.info());
});

describe("engine misuse is refused with a code and changes nothing", () => {
  test.each([
    ["a height skipped", (nild: Fixture) => nild.execute([], 3n), 26],
    ["a height repeated after its commit", (nild: Fixture) => nild.execute([], 1n), 26],
    ["initChain on a running chain", (nild: Fixture) => nild.initChain(SECTIONS), 18],
  ])("%s", async (_name, misuse, code) => {
    const nild = await newChain().genesis(SECTIONS);
    const before = nild.execute([]).appHash;
    expect(() => misuse(nild)).toThrow(expect.objectContaining({ codespace: "sdk", code }));
    expect(nild.execute([]).appHash).toEqual(before);
  });

  test("commit without finalizeBlock, and twice", async () => {
    const nild = await newChain().genesis(SECTIONS);
    await expect(nild.app.commit()).rejects.toMatchObject({ codespace: "sdk", code: 18 });
    nild.execute([]);
    await nild.app.commit();
    await expect(nild.app.commit()).rejects.toMatchObject({ codespace: "sdk", code: 18 });
    expect(nild.app.info().lastBlockHeight).toBe(2n);
  });

  test("everything but initChain before genesis", () => {
    const { app } = newChain();
    expect(app.info().lastBlockHeight).toBe(0n);
    expect(app.checkTx(Uint8Array.of(1), "new").code).toBe(2);
    expect(app.query({ path: "/cosmos.bank.v1beta1.Query/Params", data: new Uint8Array(0), height: 0n, prove: false }).code).toBe(18);
    expect(app.precheck(Uint8Array.of(1))).toEqual([]);
    expect(() => newChain().execute([], 1n)).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });
});

test("a block that was executed and not committed is gone after a restart", async () => {
  const nild = await chain({ alice: 1_000_000n });
  const planned = nild.execute([sendTx(nild)]);
  const restarted = nild.restart();
  expect(restarted.height).toBe(1n);
  expect(restarted.execute([sendTx(restarted)])).toEqual(planned);
});
