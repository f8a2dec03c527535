import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type Log } from "nild/node";
import { devPlan } from "./dev_genesis.js";
import { lazyKzg } from "./kzg.js";
import { openKeyring } from "./keyring.js";
import { createHome } from "./node_home.js";
import { type OpenedProvider, createProviderHome, openProvider } from "./provider_home.js";
import { type RunningNode, runNode } from "./run_node.js";

export const DEV_CHAIN_ID = "nild-dev-1";
const ACCOUNTS = ["alice", "bob", "carol", "dave"];
const BALANCE = 1_000_000_000_000n;
const PROVIDER_BALANCE = 100_000_000_000n;
const BOND = 100_000_000_000n;
const TOTAL_GIB = 64;
const EPOCH_BLOCKS = 10n;
const GRPC_PORT = 9090;
const PROVIDER_PORT = 8190;
const POLL_MS = 300;

export interface DevTerms {
  readonly providers: number;
  readonly blockTimeMs: number;
  readonly portOffset: number;
  readonly log: Log;
}

export interface DevChain {
  readonly running: RunningNode;
  readonly accounts: readonly { readonly name: string; readonly address: string; readonly mnemonic: string }[];
  readonly providers: readonly { readonly address: string; readonly endpoint: string }[];
  stop(): Promise<void>;
}

/** A fresh chain in `home`: funded accounts, providers registered from genesis, all in this process. */
export async function startDevChain(home: string, terms: DevTerms): Promise<DevChain> {
  const accounts = await Promise.all(
    ACCOUNTS.map(async (name) => {
      const { address, mnemonic } = await openKeyring(home, "test").add(name);
      return { name, address, mnemonic: mnemonic! };
    }),
  );
  const homes = Array.from({ length: terms.providers }, (_, i) => ({ home: join(home, "providers", String(i)), port: PROVIDER_PORT + i + terms.portOffset }));
  const operators = await Promise.all(homes.map((each) => makeProvider(each, terms.portOffset)));
  const plan = devPlan({
    epochBlocks: EPOCH_BLOCKS,
    balances: [...accounts.map(({ address }) => ({ address, amount: BALANCE })), ...operators.map(({ address }) => ({ address, amount: PROVIDER_BALANCE }))],
    providers: operators,
  });
  await createHome(home, { moniker: "dev", chainId: DEV_CHAIN_ID, plan, timeNs: BigInt(Date.now()) * 1_000_000n, blockTimeMs: terms.blockTimeMs, keyringBackend: "test" });

  const running = await runNode(home, { portOffset: terms.portOffset, log: terms.log, anyOrigin: true });
  const kzg = lazyKzg((reason) => terms.log.warn(reason));
  const opened: OpenedProvider[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(opened.map(({ daemon }) => daemon.stop()));
    await running.stop();
  };
  try {
    for (const each of homes) {
      const provider = await openProvider(each.home, { kzg, log: (level, message, fields) => terms.log[level](fields ?? {}, message) });
      await provider.daemon.start();
      opened.push(provider);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { running, accounts, providers: opened.map(({ daemon }) => ({ address: daemon.status().address, endpoint: daemon.status().url })), stop };
}

async function makeProvider({ home, port }: { home: string; port: number }, portOffset: number) {
  const { address } = await createProviderHome(home, {
    laddr: `127.0.0.1:${port}`,
    grpc_addr: `http://127.0.0.1:${GRPC_PORT + portOffset}`,
    keyring_backend: "test",
    total_gib: TOTAL_GIB,
    bond: BOND.toString(),
    poll_ms: POLL_MS,
  });
  const seed = await readFile(join(home, "response_key"));
  return { address, bond: BOND, totalBytes: BigInt(TOTAL_GIB) << 30n, endpoint: `/ip4/127.0.0.1/tcp/${port}/http`, responseKey: ed25519.getPublicKey(seed) };
}
