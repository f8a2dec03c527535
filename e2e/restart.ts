import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ChainClient, Wallet, msg, newMnemonic, signTx } from "nild/client";
import { ChainEvents, createHome } from "nild/cmd";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { Home, openLevel } from "nild/node";
import { sha256 } from "nild/sdk";
import { type Scenario, type Stage, eventually } from "./scenario.js";

const CHAIN_ID = "nild-e2e-1";
const ACCOUNTS = 10;
const PER_ACCOUNT = 20;
const SENDS = ACCOUNTS * PER_ACCOUNT;
const BATCH = 10;
const BALANCE = 1_000_000_000n;
const GAS = 200_000n;
const FEE = GAS / 1_000n;
/** Several blocks pass while the stream runs. */
const BLOCK_TIME_MS = 300;
const PAUSE_MS = 100;

interface Ready {
  readonly height: string | number;
  readonly endpoints: { readonly rpc: string; readonly grpc: string };
}

interface Send {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

interface Found {
  readonly height: string;
  readonly index: number;
  readonly tx_result: { readonly code: number };
}

interface BlockReply {
  readonly block_id: { readonly hash: string };
  readonly block: { readonly header: { readonly app_hash: string; readonly last_block_id: { readonly hash: string } } };
}

/** Slice b's own proof: 200 signed sends, kill -9 in their middle, and nothing that was reported is lost. */
export const scenario: Scenario = { name: "restart", about: `${SENDS} signed sends, kill -9 in the middle, restart, the same chain`, run };

async function run(stage: Stage): Promise<void> {
  const home = join(stage.folder, "node");
  const wallets = await Promise.all(Array.from({ length: ACCOUNTS }, () => Wallet.fromMnemonic(newMnemonic())));
  await createHome(home, {
    moniker: "e2e",
    chainId: CHAIN_ID,
    timeNs: BigInt(Date.now()) * 1_000_000n,
    blockTimeMs: BLOCK_TIME_MS,
    plan: { balances: wallets.map(({ address }) => ({ address, amount: BALANCE })) },
  });
  const first = await stage.step("a chain runs", () => stage.start<Ready>("node", ["start", "--home", home, "--free-ports"]));
  const supply = await supplyOf(chainAt(first.ready));
  const sends = await stage.step(`${SENDS} sends of ${ACCOUNTS} accounts are signed ahead, sequences 0 to ${PER_ACCOUNT - 1}`, () => presign(wallets, chainAt(first.ready)));

  const rpc = new ChainEvents(first.ready.endpoints.rpc);
  const reported = new Map<Send, Found>();
  const before = new Map<number, BlockReply>();
  await stage.step("SIGKILL while the stream of sends runs", async () => {
    let killed = false;
    let accepted = 0;
    const stream = (async () => {
      for (let at = 0; at < SENDS; at += BATCH) {
        await broadcast(first.ready.endpoints.rpc, sends.slice(at, at + BATCH));
        accepted += BATCH;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })().catch((error: unknown) => {
      // A request that the kill cut off is what this is about; any other failure is one.
      if (!killed) throw error;
    });
    await eventually("a block with sends", () => remember(rpc, sends, reported, before, SENDS / 4));
    killed = true;
    await first.child.kill();
    await stream;
    assert.ok(accepted < SENDS, "the stream ended before the kill: nothing was in its middle");
    return `${accepted} accepted, ${reported.size} reported committed by height ${Math.max(...before.keys())}`;
  });
  const shared = new Set([...reported.values()].map(({ height }) => height));
  const heightsOf = (account: number): string[] => [...reported].filter(([{ from }]) => from === account).map(([, { height }]) => height);
  assert.ok(
    wallets.some((_, i) => new Set(heightsOf(i)).size < heightsOf(i).length),
    `no block holds two sends of one account (${shared.size} blocks)`,
  );

  const second = await stage.step("it starts again from its disk", () => stage.start<Ready>("node-again", ["start", "--home", home, "--free-ports"]));
  const again = new ChainEvents(second.ready.endpoints.rpc);
  await stage.step("every send that was reported committed is there, at its height and place, with code 0", async () => {
    for (const [send, { height, index }] of reported) {
      const found = await lookUp(again, send.hash);
      assert.deepEqual({ height: found?.height, index: found?.index, code: found?.tx_result.code }, { height, index, code: 0 });
    }
  });
  await stage.step("the chain of app hashes and block ids goes on", async () => {
    const last = Math.max(...before.keys());
    for (const [height, { block_id, block }] of before) {
      const now = await again.call<BlockReply>("block", { height: String(height) });
      assert.equal(now.block_id.hash, block_id.hash, `block ${height} is another one`);
      assert.equal(now.block.header.app_hash, block.header.app_hash);
    }
    const next = await eventually("the next block", () => again.call<BlockReply>("block", { height: String(last + 1) }).catch(() => undefined));
    assert.equal(next.block.header.last_block_id.hash, before.get(last)!.block_id.hash);
    return `${before.size} blocks compared, ${last + 1} follows`;
  });
  await stage.step("the sends that no block had are sent again, and land", async () => {
    const missing: Send[] = [];
    for (const send of sends) if ((await lookUp(again, send.hash)) === undefined) missing.push(send);
    assert.ok(missing.length > 0 && missing.length <= SENDS - reported.size);
    for (let at = 0; at < missing.length; at += BATCH) await broadcast(second.ready.endpoints.rpc, missing.slice(at, at + BATCH));
    for (const { hash } of missing) {
      const found = await eventually("a send that was sent again", () => lookUp(again, hash));
      assert.equal(found.tx_result.code, 0);
    }
    return `${missing.length} of ${SENDS}`;
  });
  await stage.step("balances, sequences and supply are exactly those of 200 sends", () => checkBooks(chainAt(second.ready), wallets, sends, supply));

  await stage.step("SIGTERM ends it with exit code 0", async () => {
    await second.child.stop();
    assert.equal(second.child.exitCode, 0);
  });
  await stage.step("a twin that executes every block anew comes to the same app hash", async () => {
    const twin = join(stage.folder, "twin");
    await cp(home, twin, { recursive: true });
    await rm(new Home(twin).applicationDb, { recursive: true });
    await (await openLevel(new Home(twin).applicationDb, { create: true })).close();
    const { child, ready } = await stage.start<Ready>("twin", ["start", "--home", twin, "--free-ports"]);
    // A start refuses every height whose replay comes to another hash than the chain's: that it runs is the proof.
    await eventually("the twin's next block", () => new ChainEvents(ready.endpoints.rpc).call("block", { height: String(Number(ready.height) + 1) }).catch(() => undefined));
    await child.stop();
    return `${ready.height} blocks`;
  });
  await stage.step("a twin whose genesis has one unil more is refused at its first block", async () => {
    const twin = join(stage.folder, "false-twin");
    await cp(home, twin, { recursive: true });
    const { applicationDb, genesis } = new Home(twin);
    await rm(applicationDb, { recursive: true });
    await (await openLevel(applicationDb, { create: true })).close();
    const text = await readFile(genesis, "utf8");
    await writeFile(genesis, text.replaceAll(`"${BALANCE}"`, `"${BALANCE + 1n}"`).replaceAll(`"${supply}"`, `"${BigInt(supply) + BigInt(ACCOUNTS)}"`));
    await stage.refused(["start", "--home", twin, "--free-ports"], 1, "node", "recovery.app_hash_mismatch");
  });
}

const chainAt = ({ endpoints }: Ready): ChainClient => new ChainClient({ transport: createGrpcTransport({ baseUrl: endpoints.grpc }) });

/** In account order, round by round: a block holds sequences n, n+1 of several accounts. */
async function presign(wallets: readonly Wallet[], chain: ChainClient): Promise<Send[]> {
  const numbers = await Promise.all(wallets.map(async ({ address }) => (await chain.query.auth.accountInfo({ address })).info!.accountNumber));
  const sends: Send[] = [];
  for (let sequence = 0; sequence < PER_ACCOUNT; sequence++) {
    for (const [from, wallet] of wallets.entries()) {
      const to = (from + 1 + (sequence % (ACCOUNTS - 1))) % ACCOUNTS;
      const amount = BigInt(1 + sends.length);
      const message = msg(MsgSendSchema, { fromAddress: wallet.address, toAddress: wallets[to]!.address, amount: [{ denom: "unil", amount: amount.toString() }] });
      const bytes = await signTx(wallet, [message], { accountNumber: numbers[from]!, sequence: BigInt(sequence) }, { chainId: CHAIN_ID, gas: GAS, fee: FEE, memo: "" });
      sends.push({ from, to, amount, bytes, hash: sha256(bytes) });
    }
  }
  return sends;
}

/** One batch request. @throws when the node does not answer, or refuses one. */
async function broadcast(rpc: string, sends: readonly Send[]): Promise<void> {
  const body = sends.map(({ bytes }, id) => ({ jsonrpc: "2.0", id, method: "broadcast_tx_sync", params: { tx: Buffer.from(bytes).toString("base64") } }));
  const reply = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  for (const { result } of (await reply.json()) as { result?: { code: number; log: string } }[]) {
    if (result?.code !== 0) throw new Error(`a send was refused: ${result?.log ?? "no result"}`);
  }
}

const lookUp = (rpc: ChainEvents, hash: Uint8Array): Promise<Found | undefined> => rpc.call<Found>("tx", { hash: Buffer.from(hash).toString("base64") }).catch(() => undefined);

/** Notes which sends the chain reports as committed, and its blocks; true when they are enough. */
async function remember(rpc: ChainEvents, sends: readonly Send[], reported: Map<Send, Found>, blocks: Map<number, BlockReply>, enough: number): Promise<true | undefined> {
  for (const send of sends) {
    if (reported.has(send)) continue;
    const found = await lookUp(rpc, send.hash);
    if (found === undefined) break;
    reported.set(send, found);
  }
  for (const { height } of reported.values()) {
    for (let at = blocks.size + 1; at <= Number(height); at++) blocks.set(at, await rpc.call<BlockReply>("block", { height: String(at) }));
  }
  return reported.size >= enough ? true : undefined;
}

const supplyOf = async (chain: ChainClient): Promise<string> => (await chain.query.bank.supplyOf({ denom: "unil" })).amount!.amount;

async function checkBooks(chain: ChainClient, wallets: readonly Wallet[], sends: readonly Send[], supply: string): Promise<void> {
  for (const [i, { address }] of wallets.entries()) {
    const sent = sends.filter(({ from }) => from === i).reduce((sum, { amount }) => sum + amount + FEE, 0n);
    const received = sends.filter(({ to }) => to === i).reduce((sum, { amount }) => sum + amount, 0n);
    const { balance } = await chain.query.bank.balance({ address, denom: "unil" });
    assert.equal(BigInt(balance!.amount), BALANCE - sent + received, `balance of account ${i}`);
    assert.equal((await chain.query.auth.accountInfo({ address })).info!.sequence, BigInt(PER_ACCOUNT));
  }
  assert.equal(await supplyOf(chain), supply);
}
