import { type DescMessage, type MessageInitShape, type MessageShape, create } from "@bufbuild/protobuf";
import { MsgCommitContentSchema, MsgCreateDealSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Code, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { MsgProveReadinessSchema } from "nild/gen/nil/mode2/v1/tx_pb.js";
import type { Slot, Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { type Epoch, EpochSchema } from "nild/gen/nil/epoch/v1/types_pb.js";
import { MsgRegisterProviderSchema } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Capability } from "nild/gen/nil/provider/v1/types_pb.js";
import { METADATA_LEAVES, ackDigest, userMdusFor } from "nild/nilfs";
import {
  type AppModule,
  type ExecCtx,
  type Outcome,
  SdkError,
  addressToString,
  ed25519PublicKey,
  hookPoint,
  sha256,
  signEd25519,
  verifyEd25519,
} from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { type DealClosing, dealModule } from "nild/x/deal";
import { escrowModule } from "nild/x/escrow";
import { type SlotChanging, mode2Module } from "nild/x/mode2";
import { type StatusChanged, providerModule } from "nild/x/provider";
import { FakeBank, moduleAccount } from "./fake_bank.js";

export const AUTHORITY = moduleAccount("governance");
export const EPOCH_BLOCKS = 10n;
export const OWNER = account("owner");
export const STRANGER = account("stranger");
export const RICH = 10n ** 18n;
/** Payload bytes of an MDU. */
export const MDU = 8_126_464n;

/** The fields of a message, each optional. */
export type Fields<D extends DescMessage> = Exclude<MessageInitShape<D>, MessageShape<D>>;

export function account(name: string): string {
  return addressToString(bytesOf(name).slice(0, 20));
}

/** 32 bytes that stand for a name. */
export function bytesOf(name: string): Uint8Array {
  return sha256(Uint8Array.from(name, (c) => c.charCodeAt(0)));
}

/** A well-formed compressed point that is nobody's commitment. */
export function point(name: string): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set(bytesOf(name), 16);
  bytes[0] = 0x80;
  return bytes;
}

function epochAt(height: bigint): Epoch {
  const number = (height - 1n) / EPOCH_BLOCKS;
  return create(EpochSchema, { number, startHeight: number * EPOCH_BLOCKS + 1n, lengthBlocks: EPOCH_BLOCKS, beacon: bytesOf(`beacon ${number}`) });
}

export const epochApi = {
  current: (ctx: { height: bigint }) => epochAt(ctx.height),
  find: (ctx: { height: bigint }, number: bigint) => (number <= epochAt(ctx.height).number ? epochAt(number * EPOCH_BLOCKS + 1n) : undefined),
};

/** "provider/3" of the refusal that `work` ends in; "ok" when it does not. */
export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? "ok" : `${outcome.error.codespace}/${outcome.error.code}`;
}

/** The four modules wired to each other over a plain bank and clock. Invariants are checked after every step. */
export class World {
  state = testState();
  height = 1n;
  readonly bank = new FakeBank();
  readonly statusChanges: StatusChanged[] = [];
  readonly slotChanges: SlotChanging[] = [];
  readonly closings: DealClosing[] = [];
  /** What the openings check says. */
  kzgHolds = true;
  /** Runs inside mode2.slotChanging. */
  onSlotChanging: (ctx: ExecCtx, event: SlotChanging) => undefined = () => undefined;
  /** Runs inside deal.closing; throw to hold the closing up. */
  onClosing: (ctx: ExecCtx, event: DealClosing) => undefined = () => undefined;

  readonly #statusChanged = hookPoint<StatusChanged>("provider.statusChanged");
  readonly #slotChanging = hookPoint<SlotChanging>("mode2.slotChanging");
  readonly #closing = hookPoint<DealClosing>("deal.closing");
  readonly #wiring = { authority: AUTHORITY };
  readonly provider = providerModule({ bank: this.bank.purse("provider"), epoch: epochApi, statusChanged: this.#statusChanged }, this.#wiring);
  readonly escrow = escrowModule({ bank: this.bank.purse("escrow") }, this.#wiring);
  readonly mode2 = mode2Module({ provider: this.provider.api, epoch: epochApi, slotChanging: this.#slotChanging }, this.#wiring);
  readonly deal = dealModule({ mode2: this.mode2.api, escrow: this.escrow.api, closing: this.#closing }, this.#wiring);
  readonly modules: AppModule[] = [this.provider, this.escrow, this.mode2, this.deal];

  constructor(genesis: Readonly<Record<string, object>> = {}) {
    this.#statusChanged.seal((ctx, event) => {
      this.statusChanges.push(event);
      return this.mode2.api.onProviderStatus(ctx, event);
    });
    this.#slotChanging.seal((ctx, event) => {
      this.slotChanges.push(event);
      return this.onSlotChanging(ctx, event);
    });
    this.#closing.seal((ctx, event) => {
      this.closings.push(event);
      return this.onClosing(ctx, event);
    });
    const ctx = this.ctx();
    for (const name of [OWNER, STRANGER]) this.bank.mint(ctx, name, RICH);
    for (const module of this.modules) {
      const given = { ...module.parts.genesis.default(), ...genesis[module.name] };
      const state = create(module.genesisSchema, given);
      module.parts.genesis.validate(state as never);
      module.parts.genesis.init(ctx, state as never);
    }
  }

  ctx(gasLimit?: bigint): ExecCtx {
    const checkers = {
      "sig.ed25519": (input: Uint8Array) => verifyEd25519(input.subarray(32, 96), input.subarray(96), input.subarray(0, 32)),
      "kzg.openings": () => this.kzgHolds,
    };
    return execCtx({ state: this.state, height: this.height, hash: bytesOf(`block ${this.height}`), checkers, ...(gasLimit !== undefined && { gasLimit }) });
  }

  /** Runs `work` as a message runs: in a branch that a refusal drops. */
  act<T>(work: (ctx: ExecCtx) => T): Outcome<T> {
    const outcome = this.ctx().isolated(work);
    this.assertInvariants();
    return outcome;
  }

  /** As `act`, for what must succeed. */
  must<T>(work: (ctx: ExecCtx) => T): T {
    const outcome = this.act(work);
    if (!outcome.ok) throw new Error(`${codeOf(outcome)}: ${outcome.error.detail}`);
    return outcome.value;
  }

  /** Validates and delivers a message. */
  send<D extends DescMessage>(module: AppModule, rpc: string, schema: D, init: MessageInitShape<D>): Outcome<Record<string, unknown>> {
    const msg = create(schema, init) as never;
    try {
      module.parts.validate[rpc]!(msg);
    } catch (error) {
      if (error instanceof SdkError) return { ok: false, error };
      throw error;
    }
    return this.act((ctx) => module.parts.msgs[rpc]!(ctx, msg) as Record<string, unknown>);
  }

  query<D extends DescMessage>(module: AppModule, rpc: string, schema: D, init: MessageInitShape<D>): Record<string, never> {
    return module.parts.queries[rpc]!(this.ctx(), create(schema, init) as never) as Record<string, never>;
  }

  /** Ends this block and begins the next, `n` times; the events of all blockers. */
  nextBlock(n = 1): string[] {
    const events: string[] = [];
    for (let i = 0; i < n; i++) {
      const end = this.ctx();
      for (const module of this.modules) module.parts.endBlock?.(end);
      this.height += 1n;
      const begin = this.ctx();
      for (const module of this.modules) module.parts.beginBlock?.(begin);
      this.assertInvariants();
      events.push(...[...end.events, ...begin.events].map(({ type }) => type.split(".").at(-1)!));
    }
    return events;
  }

  nextEpoch(): void {
    this.nextBlock(Number(EPOCH_BLOCKS));
  }

  assertInvariants(): void {
    for (const { name } of this.modules) this.assertModule(name);
  }

  assertModule(moduleName: string): void {
    for (const module of this.modules.filter(({ name }) => name === moduleName)) {
      for (const [name, invariant] of Object.entries(module.parts.invariants)) {
        const broken = invariant(this.ctx());
        if (broken !== undefined) throw new Error(`${module.name}/${name}: ${broken}`);
      }
    }
  }

  exportGenesis(): Record<string, MessageShape<DescMessage>> {
    return Object.fromEntries(this.modules.map((module) => [module.name, create(module.genesisSchema, module.parts.genesis.export(this.ctx()))]));
  }

  // Providers.

  registration(index: number, overrides: Fields<typeof MsgRegisterProviderSchema> = {}): Fields<typeof MsgRegisterProviderSchema> {
    return {
      operator: providerAddress(index),
      bond: "5000000000",
      capability: Capability.GENERAL,
      totalBytes: 1n << 40n,
      endpoints: [`/dns/p${index}.example.com/tcp/443/https`],
      failureDomain: { asn: `AS${index}`, region: "eu" },
      responseKey: ed25519PublicKey(responseSeed(index)),
      ...overrides,
    };
  }

  register(index: number, overrides: Fields<typeof MsgRegisterProviderSchema> = {}): Outcome<unknown> {
    this.bank.mint(this.ctx(), providerAddress(index), RICH);
    return this.send(this.provider, "registerProvider", MsgRegisterProviderSchema, this.registration(index, overrides));
  }

  /** Registers providers 0 … n−1 and goes to the epoch in which they can be drawn. */
  withProviders(n: number, overrides: (index: number) => Fields<typeof MsgRegisterProviderSchema> = () => ({})): this {
    for (let i = 0; i < n; i++) {
      const outcome = this.register(i, overrides(i));
      if (!outcome.ok) throw outcome.error;
    }
    this.nextBlock(Number(2n * EPOCH_BLOCKS));
    return this;
  }

  // Deals.

  createDeal(overrides: Fields<typeof MsgCreateDealSchema> = {}): Outcome<Record<string, unknown>> {
    return this.send(this.deal, "createDeal", MsgCreateDealSchema, {
      owner: OWNER,
      durationBlocks: 1_000n,
      profile: { k: 4, m: 2, code: Code.GF256 },
      serviceHint: "",
      initialEscrow: "1000000000000",
      maxMonthlySpend: "0",
      maxUserMdus: 4n,
      publicRead: false,
      ...overrides,
    });
  }

  /** A deal whose slots are placed. */
  openDeal(overrides: Fields<typeof MsgCreateDealSchema> = {}): bigint {
    const outcome = this.createDeal(overrides);
    if (!outcome.ok) throw outcome.error;
    this.nextBlock();
    return outcome.value["dealId"] as bigint;
  }

  volume(dealId: bigint): Volume {
    return this.mode2.api.get(this.ctx(), dealId);
  }

  slot(dealId: bigint, index: number): Slot {
    return this.volume(dealId).slots[index]!;
  }

  /** A commit of `content`, acked by the slots of `ackedBy` (default all). */
  content(dealId: bigint, content: string, sizeBytes = MDU, ackedBy?: readonly number[]): Fields<typeof MsgCommitContentSchema> {
    const volume = this.volume(dealId);
    const expectedGeneration = volume.generation;
    const totalMdus = 1n + volume.witnessMdus + BigInt(userMdusFor(Number(sizeBytes)));
    const facts = { manifestRoot: point(content), sizeBytes, totalMdus, mdu0Hash: bytesOf(content) };
    const acks = (ackedBy ?? volume.slots.map(({ slot }) => slot)).map((slot) => {
      const digest = ackDigest({ chainId: "nild-test-1", dealId, generation: expectedGeneration + 1n, slot, witnessMdus: volume.witnessMdus, ...facts });
      return { slot, signature: signEd25519(responseSeed(indexOfProvider(volume.slots[slot]!.provider)), digest) };
    });
    return { signer: OWNER, dealId, expectedGeneration, ...facts, acks };
  }

  commit(msg: Fields<typeof MsgCommitContentSchema>): Outcome<Record<string, unknown>> {
    return this.send(this.deal, "commitContent", MsgCommitContentSchema, msg);
  }

  mustCommit(dealId: bigint, content: string, sizeBytes = MDU, ackedBy?: readonly number[]): void {
    const outcome = this.commit(this.content(dealId, content, sizeBytes, ackedBy));
    if (!outcome.ok) throw new Error(`${codeOf(outcome)}: ${outcome.error.detail}`);
  }

  // Repairs.

  /** The proof that the slot's candidate owes now; its equations are judged by `kzgHolds`. */
  readiness(dealId: bigint, slot: number): Fields<typeof MsgProveReadinessSchema> {
    const volume = this.volume(dealId);
    const { candidate } = volume.slots[slot]!;
    const task = this.mode2.parts.queries["readiness"]!(this.ctx(), { dealId, slot } as never) as {
      epoch: bigint;
      generation: bigint;
      z: Uint8Array;
      positions: { mduIndex: number; leafIndex: number }[];
    };
    const userLeaves = (volume.slots.length * 64) / volume.profile!.k;
    const blobs = task.positions.map(({ mduIndex, leafIndex }) => ({
      mduIndex,
      leafIndex,
      mduRoot: bytesOf(`mdu ${mduIndex}`),
      manifestOpening: point("opening"),
      leafCount: BigInt(mduIndex) <= volume.witnessMdus ? METADATA_LEAVES : userLeaves,
      commitment: point(`blob ${mduIndex}/${leafIndex}`),
      merklePath: [bytesOf("sibling")],
      y: new Uint8Array(32),
    }));
    const proof = create(OpeningsProofSchema, { z: task.z, groups: [{ manifestRoot: volume.manifestRoot, blobs }], proof: point("proof") });
    return { provider: candidate, dealId, slot, generation: task.generation, epoch: task.epoch, proof };
  }

  proveReadiness(msg: Fields<typeof MsgProveReadinessSchema>): Outcome<Record<string, unknown>> {
    return this.send(this.mode2, "proveReadiness", MsgProveReadinessSchema, msg);
  }
}

export function providerAddress(index: number): string {
  return account(`provider ${index}`);
}

export function responseSeed(index: number): Uint8Array {
  return bytesOf(`response key ${index}`);
}

const PROVIDERS = new Map(Array.from({ length: 64 }, (_, i) => [providerAddress(i), i]));

export function indexOfProvider(address: string): number {
  const index = PROVIDERS.get(address);
  if (index === undefined) throw new Error(`${address} is no provider of this world`);
  return index;
}
