import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ChainClient, ClientError, type ClientContext, Wallet, get, newMnemonic, put } from "nild/client";
import { type Child, createHome, createProviderHome, devPlan, lazyKzg } from "nild/cmd";
import { type Scenario, type Stage, freeOffset } from "./scenario.js";

const PROFILE = { k: 4, m: 2 };
const PROVIDERS = 6;
/** More of them than the file can do without. */
const VICTIMS = 2;
const FILE_BYTES = 1_000_003;
const BOND = 50_000_000_000n;
const TOTAL_GIB = 16;

/** kill -9 in the middle of an upload: what came whole stays, what was half there is gone, and a second run sends only the rest. */
export const scenario: Scenario = { name: "provider", about: "providers killed -9 in the middle of an upload, restarted, resumed", run };

async function run(stage: Stage): Promise<void> {
  const { context, victims, restart } = await stage.step(`a chain and ${PROVIDERS} providers, ${VICTIMS} of them in a process of their own`, () => startNetwork(stage));
  const bytes = randomBytes(FILE_BYTES);
  const files = [{ path: "big.bin", bytes }];
  const deal = { profile: PROFILE, durationBlocks: 1_000n, deposit: 100_000_000n };

  const dealId = await stage.step("SIGKILL as soon as they hold some of the upload: the commit lacks acks, nothing is on chain", async () => {
    let killed: Promise<void> | undefined;
    const failure = await put(context, {
      files,
      deal,
      onProgress: ({ phase, done, total }) => {
        if (phase === "upload" && done < total && victims.homes.every(holdsObjects)) killed ??= victims.child.kill();
      },
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await killed;
    assert.ok(failure instanceof ClientError, String(failure));
    assert.equal(failure.code, "too_few_acks");
    const { deals } = await context.chain.query.deal.deals({ owner: context.wallet.address });
    assert.equal(deals.length, 1);
    const { volume } = await context.chain.query.mode2.volume({ dealId: deals[0]!.id });
    assert.equal(volume!.generation, 0n);
    return deals[0]!.id;
  });
  await stage.step("restarted, nothing half-written is left", async () => {
    const before = victims.homes.flatMap(filesOf);
    await restart();
    const after = victims.homes.flatMap(filesOf);
    assert.deepEqual(after.filter((name) => name.startsWith(".tmp-")), [], "half-written files");
    const objects = (names: readonly string[]): number => names.filter((name) => name.endsWith(".sums")).length;
    assert.ok(objects(before) > 0, "nothing had come to resume from");
    assert.equal(objects(after), objects(before));
    return `${objects(after)} objects kept`;
  });
  await stage.step("a second run sends only what they lack, and commits with every ack", async () => {
    const result = await put(context, { files, deal: dealId });
    assert.equal(result.generation, 1n);
    assert.deepEqual([...result.ackedSlots], [0, 1, 2, 3, 4, 5]);
    assert.ok(result.skippedBytes > 0, "everything was sent again");
    return `${result.skippedBytes} bytes not sent again`;
  });
  await stage.step("the file comes back, byte by byte", async () => {
    const result = await get(context, { dealId, path: "big.bin" });
    assert.ok(Buffer.compare(result.bytes, bytes) === 0);
    assert.deepEqual(result.liars, []);
  });
}

interface Victims {
  readonly homes: readonly string[];
  child: Child;
}

async function startNetwork(stage: Stage): Promise<{ context: ClientContext; victims: Victims; restart(): Promise<void> }> {
  const offset = await freeOffset([26657, 9090, ...Array.from({ length: PROVIDERS }, (_, i) => 8190 + i)]);
  const grpc = `http://127.0.0.1:${9090 + offset}`;
  const homes = Array.from({ length: PROVIDERS }, (_, i) => join(stage.folder, `provider${i}`));
  const providers = await Promise.all(
    homes.map(async (home, i) => {
      const port = 8190 + i + offset;
      const { address } = await createProviderHome(home, { laddr: `127.0.0.1:${port}`, grpc_addr: grpc, keyring_backend: "test", total_gib: TOTAL_GIB, bond: BOND.toString() });
      const responseKey = ed25519.getPublicKey(await readFile(join(home, "response_key")));
      return { address, bond: BOND, totalBytes: BigInt(TOTAL_GIB) << 30n, endpoint: `/ip4/127.0.0.1/tcp/${port}/http`, responseKey };
    }),
  );
  const owner = await Wallet.fromMnemonic(newMnemonic());
  const plan = devPlan({ epochBlocks: 100n, balances: [owner, ...providers].map(({ address }) => ({ address, amount: 10_000_000_000n })), providers });
  const node = join(stage.folder, "node");
  const ports = { rpc: 26657 + offset, grpc: 9090 + offset };
  await createHome(node, { moniker: "e2e", chainId: "nild-e2e-1", plan, timeNs: BigInt(Date.now()) * 1_000_000n, blockTimeMs: 500, ports });
  await stage.start("node", ["start", "--home", node]);

  const startProviders = async (name: string, which: readonly string[]): Promise<Child> => (await stage.start(name, ["provider", "start", ...which.flatMap((home) => ["--home", home])])).child;
  await startProviders("providers", homes.slice(VICTIMS));
  const victims: Victims = { homes: homes.slice(0, VICTIMS), child: await startProviders("victims", homes.slice(0, VICTIMS)) };
  const context = { chain: new ChainClient({ transport: createGrpcTransport({ baseUrl: grpc }) }), wallet: owner, kzg: lazyKzg() };
  const restart = async (): Promise<void> => {
    victims.child = await startProviders("victims-again", victims.homes);
  };
  return { context, victims, restart };
}

/** Files below a provider's data folder. */
function filesOf(home: string): string[] {
  return readdirSync(join(home, "data"), { recursive: true, encoding: "utf8" }).map((name) => basename(name));
}

/** An object counts as stored once its hashes are beside it. */
const holdsObjects = (home: string): boolean => filesOf(home).some((name) => name.endsWith(".sums"));
