import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ChainClient, Wallet, newMnemonic } from "nild/client";
import { devPlan } from "../dev_genesis.js";
import { createHome } from "../node_home.js";
import { createProviderHome } from "../provider_home.js";
import { ChainEvents } from "./chain_events.js";
import { Child } from "./child.js";

export const EPOCH_BLOCKS = 10;
const BLOCK_TIME_MS = 1_000;
const OWNER_BALANCE = 1_000_000_000_000n;
const OPERATOR_BALANCE = 100_000_000_000n;
const BOND = 50_000_000_000n;
const TOTAL_GIB = 16;
const STARTS_AT_ONCE = 5;

interface NodeReady {
  readonly endpoints: { readonly rpc: string; readonly grpc: string };
}

export interface ProviderProcess {
  readonly index: number;
  readonly address: string;
  readonly home: string;
  child: Child;
}

/** A chain and its providers, each in a process of its own, all on loopback. `Child.stopAll` ends them. */
export class Network {
  readonly providers: ProviderProcess[] = [];
  #node: Child;
  #endpoints: NodeReady["endpoints"];
  readonly events: ChainEvents;

  private constructor(
    readonly folder: string,
    readonly chainId: string,
    readonly owner: Wallet,
    node: Child,
    endpoints: NodeReady["endpoints"],
  ) {
    this.#node = node;
    this.#endpoints = endpoints;
    this.events = new ChainEvents(endpoints.rpc);
  }

  /** Starts the chain, then the providers, which register themselves. `onStarted` counts processes. */
  static async start(folder: string, providers: number, onStarted: (count: number) => void): Promise<Network> {
    mkdirSync(join(folder, "logs"), { recursive: true });
    const owner = await Wallet.fromMnemonic(newMnemonic());
    const ports = await freePorts(providers + 2);
    const grpcAddr = `http://127.0.0.1:${ports[0]}`;
    const homes = await Promise.all(
      Array.from({ length: providers }, async (_, index) => {
        const home = join(folder, `provider${index}`);
        const { address } = await createProviderHome(home, {
          laddr: `127.0.0.1:${ports[index + 2]}`,
          grpc_addr: grpcAddr,
          keyring_backend: "test",
          total_gib: TOTAL_GIB,
          bond: BOND.toString(),
          poll_ms: 400,
        });
        return { index, address, home };
      }),
    );
    const chainId = "nild-demo-1";
    const plan = devPlan({
      epochBlocks: BigInt(EPOCH_BLOCKS),
      balances: [{ address: owner.address, amount: OWNER_BALANCE }, ...homes.map(({ address }) => ({ address, amount: OPERATOR_BALANCE }))],
    });
    const nodeHome = join(folder, "node");
    await createHome(nodeHome, {
      moniker: "demo",
      chainId,
      plan,
      timeNs: BigInt(Date.now()) * 1_000_000n,
      blockTimeMs: BLOCK_TIME_MS,
      keyringBackend: "test",
      ports: { grpc: ports[0]!, rpc: ports[1]! },
    });
    const { child, ready } = await startNode(folder);
    const network = new Network(folder, chainId, owner, child, ready.endpoints);
    onStarted(1);
    // A few at a time: a start takes a core, then waits for a block that registers it.
    const waiting = [...homes];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        network.providers.push({ ...next, child: await startProvider(folder, next) });
        onStarted(1 + network.providers.length);
      }
    };
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, worker));
    return network;
  }

  chain(): ChainClient {
    return new ChainClient({ transport: createGrpcTransport({ baseUrl: this.#endpoints.grpc }) });
  }

  provider(address: string): ProviderProcess {
    return this.providers.find((each) => each.address === address)!;
  }

  /** Starts a provider's process anew, honest or not. */
  async restartProvider(provider: ProviderProcess, fault?: string): Promise<void> {
    await provider.child.stop();
    provider.child = await startProvider(this.folder, provider, fault);
  }

  get nodeHome(): string {
    return join(this.folder, "node");
  }

  stopNode(): Promise<void> {
    return this.#node.stop();
  }

  async restartNode(): Promise<void> {
    const { child, ready } = await startNode(this.folder);
    this.#node = child;
    this.#endpoints = ready.endpoints;
    this.events.moveTo(ready.endpoints.rpc);
  }
}

const startNode = (folder: string): Promise<{ child: Child; ready: NodeReady }> =>
  Child.start<NodeReady>("the chain", ["start", "--home", join(folder, "node")], join(folder, "logs", "node.log"));

async function startProvider(folder: string, provider: { index: number; home: string }, fault?: string): Promise<Child> {
  const args = ["provider", "start", "--home", provider.home, "--register", ...(fault === undefined ? [] : ["--fault", fault])];
  const { child } = await Child.start(`provider ${provider.index}`, args, join(folder, "logs", `provider${provider.index}.log`));
  // Fourteen providers share this machine's cores with the chain, which must make its blocks in time.
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return child;
}

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
