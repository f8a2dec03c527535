import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type AccountState, ChainClient, Wallet, msg, newMnemonic, signTx } from "nild/client";
import { createHome, runNode } from "nild/cmd";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { createLog, startSignatureWorkers } from "nild/node";
import { sha256 } from "nild/sdk";
import type { Row } from "./row.js";

const ACCOUNTS = 50;
const PER_ACCOUNT = 80;
const BATCH = 100;
const BLOCK_TIME_MS = 1_000;
const GAS = 200_000n;
const CHAIN_ID = "nild-bench-1";

/** Signed sends through JSON-RPC into blocks of a whole node, beside the signature checks that they cannot do without. */
export async function run(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "nild-bench-"));
  const log = createLog({ level: "error", format: "auto" });
  try {
    const wallets = await Promise.all(Array.from({ length: ACCOUNTS }, async () => Wallet.fromMnemonic(newMnemonic())));
    const home = join(folder, "home");
    await createHome(home, {
      moniker: "bench",
      chainId: CHAIN_ID,
      timeNs: BigInt(Date.now()) * 1_000_000n,
      blockTimeMs: BLOCK_TIME_MS,
      plan: { balances: wallets.map(({ address }) => ({ address, amount: 1_000_000_000n })) },
    });
    const running = await runNode(home, { freePorts: true, log });
    try {
      const txs = await presign(wallets, new ChainClient({ transport: createGrpcTransport({ baseUrl: running.node.endpoints.grpc! }) }));
      const seconds = await sendAll(running.node.endpoints.rpc, txs);
      const limit = await signatureLimit(log);
      const rate = txs.length / seconds;
      return [
        { name: "signed sends, end to end", ours: rate, unit: "tx/s", peer: limit, ratio: rate / limit, note: `${txs.length} sends, JSON-RPC batches of ${BATCH}, blocks of ${BLOCK_TIME_MS} ms; beside: signature checks alone` },
      ];
    } finally {
      await running.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In account order round robin, so that every block holds sequences n, n+1 of many senders. */
async function presign(wallets: readonly Wallet[], chain: ChainClient): Promise<Uint8Array[]> {
  const accounts = new Map<string, AccountState>();
  for (const { address } of wallets) {
    const { info } = await chain.query.auth.accountInfo({ address });
    accounts.set(address, { accountNumber: info!.accountNumber, sequence: info!.sequence });
  }
  const txs: Uint8Array[] = [];
  for (let round = 0; round < PER_ACCOUNT; round++) {
    for (const [i, wallet] of wallets.entries()) {
      const to = wallets[(i + 1) % wallets.length]!.address;
      const { accountNumber, sequence } = accounts.get(wallet.address)!;
      const send = msg(MsgSendSchema, { fromAddress: wallet.address, toAddress: to, amount: [{ denom: "unil", amount: "1" }] });
      txs.push(await signTx(wallet, [send], { accountNumber, sequence: sequence + BigInt(round) }, { chainId: CHAIN_ID, gas: GAS, fee: GAS / 1_000n, memo: "" }));
    }
  }
  return txs;
}

/** Broadcasts in batches, then waits until all are in blocks; seconds from the first byte to the last block. */
async function sendAll(rpc: string, txs: readonly Uint8Array[]): Promise<number> {
  const started = performance.now();
  const call = async (body: unknown): Promise<unknown> => (await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).json();
  for (let at = 0; at < txs.length; at += BATCH) {
    const batch = txs.slice(at, at + BATCH).map((tx, id) => ({ jsonrpc: "2.0", id, method: "broadcast_tx_sync", params: { tx: Buffer.from(tx).toString("base64") } }));
    for (const { result, error } of (await call(batch)) as { result?: { code: number; log: string }; error?: { data: string } }[]) {
      if (result?.code !== 0) throw new Error(`a send was refused: ${result?.log ?? error?.data ?? "no answer"}`);
    }
  }
  const last = Buffer.from(sha256(txs.at(-1)!)).toString("base64");
  for (;;) {
    const { result } = (await call({ jsonrpc: "2.0", id: 1, method: "tx", params: { hash: last } })) as { result?: unknown };
    if (result !== undefined) return (performance.now() - started) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the same signature workers verify when they do nothing else. */
async function signatureLimit(log: ReturnType<typeof createLog>): Promise<number> {
  const wallet = await Wallet.fromMnemonic(newMnemonic());
  const digest = sha256(new Uint8Array(32));
  const one = Uint8Array.from([...wallet.publicKey, ...(await wallet.signDigest(digest)), ...digest]);
  const inputs = Array.from({ length: 4_000 }, () => one);
  const workers = startSignatureWorkers(log);
  try {
    await workers.check(inputs);
    const started = performance.now();
    await workers.check(inputs);
    return inputs.length / ((performance.now() - started) / 1_000);
  } finally {
    await workers.stop();
  }
}
