import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { createApp, newAppState } from "nild/app";
import { type BaseApp, MemoryDatabase } from "nild/sdk";
import { DEFAULT_CONSENSUS_PARAMS } from "../config/genesis.js";
import { ConsensusKey } from "../engine/embedded/consensus_key.js";
import { BlockSigner } from "../engine/embedded/signer.js";
import { Node, type NodeOptions } from "../node.js";
import { startSignatureWorkers } from "../workers/signature_workers.js";
import { SILENT } from "./chain_fixture.js";

/** The real application behind the real engine and servers, on memory databases and free ports. */
export async function startRealNode(
  balances: readonly { address: string; amount: bigint }[],
  overrides: Partial<NodeOptions> = {},
): Promise<{ node: Node; app: BaseApp; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "nild-node-"));
  const key = ConsensusKey.generate();
  const signState = join(folder, "priv_validator_state.json");
  await BlockSigner.init(signState);
  const workers = startSignatureWorkers(SILENT);
  const app = createApp({
    db: new MemoryDatabase(),
    checkers: { "sig.secp256k1": workers.checkNow },
    onUnexpected(error) {
      throw error;
    },
  });
  const node = await Node.start({
    app,
    genesis: {
      chainId: "nild-test-1",
      timeNs: 1_700_000_000_000_000_000n,
      initialHeight: 1n,
      consensusParams: DEFAULT_CONSENSUS_PARAMS,
      validators: [{ pubKeyType: "ed25519", pubKey: key.pubKey, power: 10n, name: "one" }],
      appState: Buffer.from(newAppState({ balances })),
    },
    blockDb: new MemoryDatabase(),
    signer: await BlockSigner.open(key, signState),
    log: SILENT,
    nodeId: "bb".repeat(20),
    moniker: "test",
    appVersion: "1",
    checkers: { "sig.secp256k1": workers.check },
    queryServices: [AuthQuery, BankQuery],
    rpc: { host: "127.0.0.1", port: 0 },
    grpc: { host: "127.0.0.1", port: 0 },
    ...overrides,
  });
  const stop = async (): Promise<void> => {
    await node.stop();
    await workers.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { node, app, stop };
}
