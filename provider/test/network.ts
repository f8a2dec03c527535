import { create } from "@bufbuild/protobuf";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { MsgCommitContentResponseSchema, MsgCommitContentSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { OpeningsProof } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import {
  MsgConfirmSessionResponseSchema,
  MsgConfirmSessionSchema,
  MsgOpenSessionResponseSchema,
  MsgOpenSessionSchema,
  MsgProveSessionResponseSchema,
  MsgProveSessionSchema,
} from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { SessionSchema, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { addressBytes, multiaddrOf, Wallet, type ClientContext } from "nild/client";
import { leafIndexOf, sessionId, sessionSeed, verifyOpeningsProof, type Kzg, type Profile } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { ProviderDaemon, type ProviderOptions } from "nild/provider";
import { answer, FakeChain, Refusal } from "../../client/test/fake_chain.js";

export const OWNER_KEY = new Uint8Array(32).fill(7);
export const BEACON = new Uint8Array(32).fill(9);

/** Providers on loopback, an owner, and a fake chain that verifies real proofs. */
export class Network {
  readonly chain = new FakeChain();
  readonly daemons: ProviderDaemon[] = [];
  readonly homes: string[] = [];
  #root = "";
  #kzg: Kzg | undefined;
  owner!: Wallet;

  static async start(count: number, options: (index: number) => Partial<ProviderOptions> = () => ({})): Promise<Network> {
    const network = new Network();
    network.#kzg = await nativeKzg();
    network.#root = await mkdtemp(path.join(os.tmpdir(), "nild-provider-"));
    network.owner = await Wallet.fromPrivateKey(OWNER_KEY);
    network.chain.sequences.set(network.owner.address, 0n);
    rules(network);
    for (let i = 0; i < count; i++) await network.addProvider(options(i));
    return network;
  }

  get kzg(): Kzg {
    return this.#kzg!;
  }

  async addProvider(options: Partial<ProviderOptions> = {}): Promise<ProviderDaemon> {
    const i = this.daemons.length;
    this.homes[i] = path.join(this.#root, `provider${i}`);
    return this.restart(i, options);
  }

  /** Starts the i-th provider on its home, with its keys and any free port. */
  async restart(i: number, options: Partial<ProviderOptions> = {}): Promise<ProviderDaemon> {
    const home = this.homes[i]!;
    const wallet = await Wallet.fromPrivateKey(new Uint8Array(32).fill(i + 20));
    if (!this.chain.sequences.has(wallet.address)) this.chain.sequences.set(wallet.address, 0n);
    const daemon = new ProviderDaemon({
      home,
      chain: this.chain.client(),
      wallet,
      responseKey: new Uint8Array(32).fill(i + 120),
      kzg: async () => this.kzg,
      pollMs: 20,
      ...options,
    });
    await daemon.start();
    this.daemons[i] = daemon;
    const { port } = new URL(daemon.status().url);
    this.chain.addProvider(daemon.address, daemon.responsePublicKey, multiaddrOf("127.0.0.1", Number(port)));
    return daemon;
  }

  deal(profile: Profile, maxUserMdus = 1, id = 1n): bigint {
    this.chain.addDeal(id, this.owner.address, profile, this.daemons.slice(0, profile.k + profile.m).map(({ address }) => address), maxUserMdus);
    return id;
  }

  client(overrides: Partial<ClientContext> = {}): ClientContext {
    return { chain: this.chain.client(), wallet: this.owner, kzg: async () => this.kzg, requestTimeoutMs: 5_000, ...overrides };
  }

  /** Makes blocks until the condition holds: daemons look at the chain once per height. */
  async until(condition: () => boolean, timeoutMs = 40_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error("the condition did not come true");
      this.chain.height++;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  verify(proof: OpeningsProof | undefined): boolean {
    return proof !== undefined && verifyOpeningsProof(this.kzg.verifier, proof).ok;
  }

  async stop(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** As much of the modules' rules as the storage path leans on. */
function rules(network: Network): void {
  network.chain
    .on(MsgCommitContentSchema, (chain, message) => {
      const volume = chain.volumes.get(message.dealId)!;
      if (message.expectedGeneration !== volume.generation) throw new Refusal("mode2", 10, "stale generation");
      const { manifestRoot, totalMdus, sizeBytes, mdu0Hash } = message;
      Object.assign(volume, { manifestRoot, totalMdus, sizeBytes, mdu0Hash, generation: volume.generation + 1n });
      const acked = new Set(message.acks.map(({ slot }) => slot));
      for (const slot of volume.slots) {
        if (!acked.has(slot.slot)) Object.assign(slot, { status: SlotStatus.REPAIRING, candidate: slot.provider, repairDeadlineHeight: 1_000_000n });
      }
      return answer(MsgCommitContentResponseSchema, { generation: volume.generation, charged: "5" });
    })
    .on(MsgOpenSessionSchema, (chain, message) => {
      const volume = chain.volumes.get(message.dealId)!;
      const slot = volume.slots[message.slot]!;
      if (slot.status !== SlotStatus.ACTIVE) throw new Refusal("retrieval", 9, "slot not active");
      if (slot.provider !== message.provider) throw new Refusal("retrieval", 10, "wrong provider");
      if (message.nonce <= (chain.nonces.get(message.opener) ?? 0n)) throw new Refusal("retrieval", 15, "stale nonce");
      chain.nonces.set(message.opener, message.nonce);
      const id = sessionId({
        ...message,
        opener: addressBytes(message.opener),
        provider: addressBytes(message.provider),
        startBlob: leafIndexOf(volume.profile!, message.slot, message.startRow),
        expiresAt: message.expiresHeight,
      });
      const { $typeName: _, ...terms } = message;
      const pins = { generation: volume.generation, profile: volume.profile!, status: Status.OPEN, seed: sessionSeed(id, BEACON) };
      chain.sessions.set(Buffer.from(id).toString("hex"), create(SessionSchema, { id, ...terms, ...pins }));
      return answer(MsgOpenSessionResponseSchema, { sessionId: id });
    })
    .on(MsgConfirmSessionSchema, (chain, message) => {
      const session = chain.sessions.get(Buffer.from(message.sessionId).toString("hex"))!;
      session.status = session.status === Status.PROVED ? Status.COMPLETED : Status.CONFIRMED;
      return answer(MsgConfirmSessionResponseSchema, {});
    })
    .on(MsgProveSessionSchema, (chain, message) => {
      const session = chain.sessions.get(Buffer.from(message.sessionId).toString("hex"))!;
      const valid = network.verify(message.proof);
      if (valid) session.status = session.status === Status.CONFIRMED ? Status.COMPLETED : Status.PROVED;
      return answer(MsgProveSessionResponseSchema, { valid });
    });
}
