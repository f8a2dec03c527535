import { access, mkdir, rm } from "node:fs/promises";
import { newAppState, type GenesisPlan } from "nild/app";
import {
  BlockSigner,
  ConsensusKey,
  DEFAULT_APP_CONFIG,
  DEFAULT_CLIENT_CONFIG,
  DEFAULT_CONFIG,
  DEFAULT_CONSENSUS_PARAMS,
  Home,
  createNodeKey,
  openLevel,
  writeConfigs,
  writeGenesis,
} from "nild/node";
import { CliError, EXIT } from "./output.js";

export interface NewHome {
  readonly moniker: string;
  readonly chainId: string;
  readonly plan?: GenesisPlan;
  readonly timeNs: bigint;
  readonly blockTimeMs?: number;
  readonly keyringBackend?: "file" | "test";
  /** Default: the standard ones. */
  readonly ports?: { readonly rpc: number; readonly grpc: number };
}

/** The files that make a home; any of them there means somebody lives there. */
const MARKS = (home: Home): string[] => [home.genesis, home.consensusKey, home.nodeKey, home.applicationDb, home.blockDb];

/** Makes a node's home: keys, configuration, genesis with this node as its one validator, empty databases. */
export async function createHome(root: string, terms: NewHome, options: { overwrite?: boolean } = {}): Promise<{ nodeId: string; validator: string }> {
  const home = new Home(root);
  await prepare(home, options.overwrite ?? false);
  const key = ConsensusKey.generate();
  await key.write(home.consensusKey);
  const nodeId = await createNodeKey(home.nodeKey);
  await BlockSigner.init(home.signState);
  await writeConfigs(
    home,
    {
      config: {
        ...DEFAULT_CONFIG,
        moniker: terms.moniker,
        rpc: { ...DEFAULT_CONFIG.rpc, ...(terms.ports ? { laddr: `tcp://127.0.0.1:${terms.ports.rpc}` } : {}) },
        consensus: { ...DEFAULT_CONFIG.consensus, block_time_ms: terms.blockTimeMs ?? DEFAULT_CONFIG.consensus.block_time_ms },
      },
      app: { ...DEFAULT_APP_CONFIG, grpc: { ...DEFAULT_APP_CONFIG.grpc, ...(terms.ports ? { address: `127.0.0.1:${terms.ports.grpc}` } : {}) } },
      client: { ...DEFAULT_CLIENT_CONFIG, "chain-id": terms.chainId, "keyring-backend": terms.keyringBackend ?? "file" },
    },
    { replace: false },
  );
  await writeGenesis(home.genesis, {
    chainId: terms.chainId,
    timeNs: terms.timeNs,
    initialHeight: 1n,
    consensusParams: DEFAULT_CONSENSUS_PARAMS,
    validators: [{ name: terms.moniker, pubKeyType: "ed25519", pubKey: key.pubKey, power: 10n }],
    appState: new TextEncoder().encode(newAppState(terms.plan)),
  });
  for (const directory of [home.applicationDb, home.blockDb]) await (await openLevel(directory, { create: true })).close();
  return { nodeId, validator: Buffer.from(key.address).toString("hex").toUpperCase() };
}

async function prepare(home: Home, overwrite: boolean): Promise<void> {
  for (const mark of MARKS(home)) {
    if (!(await exists(mark))) continue;
    if (!overwrite) {
      throw new CliError(EXIT.usage, "home_exists", `${home.root} holds a node already (${mark})`, "choose another --home, or replace it, keys and state included, with --overwrite");
    }
  }
  if (overwrite) {
    await rm(home.config(""), { recursive: true, force: true });
    await rm(home.data(""), { recursive: true, force: true });
  }
  await mkdir(home.config(""), { recursive: true });
  await mkdir(home.data(""), { recursive: true, mode: 0o700 });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
