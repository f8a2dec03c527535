import { createHash } from "node:crypto";
import { type MessageInitShape, create, fromBinary } from "@bufbuild/protobuf";
import { type Checker, type ExecCtx, type Outcome, SdkError, addressFromString, addressToString, hookPoint, moduleAddress } from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { OPENINGS_CHECK, type Position, challengeZ, leavesOf, witnessMdus, zFromDigest } from "nild/nilfs";
import { GenesisStateSchema } from "nild/gen/nil/challenge/v1/genesis_pb.js";
import { type QueryDueResponse, QueryDueResponseSchema, QuerySlotRecordRequestSchema } from "nild/gen/nil/challenge/v1/query_pb.js";
import { type MsgProveSlots, MsgProveSlotsSchema } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { type Params, ParamsSchema, type SlotRecord } from "nild/gen/nil/challenge/v1/types_pb.js";
import { GenesisStateSchema as EpochGenesisSchema } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { type RepairCause, SlotSchema, SlotStatus, type Volume, VolumeSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import { type OpenedBlob, OpenedBlobSchema, type OpeningsProof, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { challengeModule } from "nild/x/challenge";
import { epochModule } from "nild/x/epoch";
import type { Content, SlotChanging } from "../api.js";
import { DEFAULT_PARAMS } from "../params.js";

export const AUTHORITY = addressToString(moduleAddress("governance"));
export const EPOCH_BLOCKS = 8n;
const MDU_PAYLOAD = 8_126_464n;

export function providerAddress(index: number): string {
  return addressToString(createHash("sha256").update(`provider ${index}`).digest().subarray(0, 20));
}

/** A well-formed point that is nobody's commitment: the fake verifier never decodes it. */
export function point(name: string): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set(createHash("sha256").update(name).digest(), 16);
  bytes[0] = 0x80;
  return bytes;
}

/** The value that the fake verifier holds for the true one: depends on all that an opening depends on. */
function trueY(z: Uint8Array, root: Uint8Array, { mduIndex, leafIndex }: Position): Uint8Array {
  return zFromDigest(createHash("sha256").update(z).update(root).update(`${mduIndex}/${leafIndex}`).digest());
}

/** Stands for the pairing equations behind the Check port; the real ones are proved in nilfs and end to end. */
function fakeVerifier(input: Uint8Array): boolean {
  const { z, groups } = fromBinary(OpeningsProofSchema, input);
  return groups.every(({ manifestRoot, blobs }) => blobs.every((blob) => Buffer.compare(blob.y, trueY(z, manifestRoot, blob)) === 0));
}

export interface DealTerms {
  k?: number;
  m?: number;
  userMdus?: bigint;
  sizeBytes?: bigint;
  endHeight?: bigint;
  serviceHint?: string;
  manifestRoot?: Uint8Array;
}

/** The module over fakes of mode2, provider and escrow, with the real epoch clock, driven block by block. */
export class World {
  readonly state = testState();
  height = 0n;
  readonly volumes = new Map<bigint, Volume>();
  /** What a deal held before a commit of the current epoch, as mode2's snapshot. */
  readonly snapshots = new Map<bigint, Content & { epoch: bigint }>();
  readonly bonds = new Map<string, bigint>();
  readonly rent: string[] = [];
  readonly slashes: { provider: string; amount: bigint }[] = [];
  readonly verdicts: { provider: string; onTime: boolean; slotHealth: number }[] = [];
  readonly repairs: string[] = [];
  /** As when M slots of every deal repair already: mode2 does nothing. */
  repairsFull = false;
  /** unil that every settlement yields. */
  rentPerSettlement = 10n;
  /** Throws in escrow for these slots. */
  readonly broken = new Set<string>();
  readonly slotChanging = hookPoint<SlotChanging>("mode2.slotChanging");
  readonly epochs = epochModule({}, { authority: AUTHORITY });
  readonly module = challengeModule(
    {
      epoch: this.epochs.api,
      mode2: {
        find: (_ctx, dealId) => this.volumes.get(dealId),
        contentAt: (_ctx, dealId, epoch) => this.contentAt(dealId, epoch),
        startRepair: (ctx, dealId, slot, cause) => this.startRepair(ctx, dealId, slot, cause),
      },
      provider: {
        get: (_ctx, address) => ({ bond: `${this.bonds.get(address) ?? 0n}` }),
        slash: (_ctx, provider, amount) => {
          this.slashes.push({ provider, amount });
          this.bonds.set(provider, this.bonds.get(provider)! - amount);
          return amount;
        },
        recordVerdict: (_ctx, provider, verdict) => void this.verdicts.push({ provider, ...verdict }) as undefined,
      },
      escrow: {
        startSlot: (_ctx, dealId, slot) => void this.rent.push(`start ${dealId}/${slot}`) as undefined,
        settleSlot: (_ctx, dealId, slot, payTo) => {
          if (this.broken.has(`${dealId}/${slot}`)) throw new SdkError("escrow", 9, "Broken", "a broken account");
          this.rent.push(payTo === undefined ? `return ${dealId}/${slot}` : `pay ${dealId}/${slot} ${payTo}`);
          return this.rentPerSettlement;
        },
      },
    },
    { authority: AUTHORITY },
  );

  constructor(
    params: Partial<Params> = {},
    readonly verifier: Checker = fakeVerifier,
  ) {
    this.slotChanging.seal(this.module.api.slotChanging);
    this.epochs.parts.genesis.init(this.ctx(), create(EpochGenesisSchema, { params: { lengthBlocks: EPOCH_BLOCKS, ringSize: 8 } }));
    const genesis = create(GenesisStateSchema, { params: { ...DEFAULT_PARAMS, ...params }, load: {} } as MessageInitShape<typeof GenesisStateSchema>);
    this.module.parts.genesis.validate(genesis);
    this.module.parts.genesis.init(this.ctx(), genesis);
    this.toHeight(1n);
  }

  ctx(): ExecCtx {
    const hash = createHash("sha256").update(`block ${this.height}`).digest();
    return execCtx({ state: this.state, height: this.height, hash, checkers: { [OPENINGS_CHECK]: this.verifier } });
  }

  /** Makes blocks up to this height; returns the events of the last. */
  toHeight(height: bigint): ExecCtx["events"] {
    let ctx = this.ctx();
    while (this.height < height) {
      this.height++;
      ctx = this.ctx();
      this.epochs.parts.beginBlock!(ctx);
      this.module.parts.beginBlock!(ctx);
      this.checkInvariants();
    }
    return ctx.events;
  }

  get epoch() {
    return this.epochs.api.current(this.ctx());
  }

  /** To the first block of an epoch. */
  toEpoch(number: bigint): ExecCtx["events"] {
    return this.toHeight(1n + number * EPOCH_BLOCKS);
  }

  checkInvariants(): void {
    for (const [name, invariant] of Object.entries(this.module.parts.invariants)) expect([name, invariant(this.ctx())]).toEqual([name, undefined]);
  }

  /** A placed deal with content: fires what mode2 fires at the first commit. */
  openDeal(dealId: bigint, terms: DealTerms = {}): Volume {
    const { k = 2, m = 1, userMdus = 2n, endHeight = 1_000n, serviceHint = "Hot", manifestRoot = point(`root ${dealId}/1`) } = terms;
    const sizeBytes = terms.sizeBytes ?? userMdus * MDU_PAYLOAD;
    const witness = BigInt(witnessMdus({ k, m }, Number(userMdus)));
    const slots = Array.from({ length: k + m }, (_, slot) =>
      create(SlotSchema, { slot, provider: providerAddress(slot), status: SlotStatus.ACTIVE, challengedFromEpoch: this.epoch.number + 1n }),
    );
    for (const { provider } of slots) if (!this.bonds.has(provider)) this.bonds.set(provider, 1_000_000n);
    const volume = create(VolumeSchema, {
      ...{ dealId, slots, sizeBytes, endHeight, serviceHint, profile: { k, m }, generation: 1n, manifestRoot },
      ...{ owner: AUTHORITY, witnessMdus: witness, totalMdus: 1n + witness + userMdus, firstCommitEpoch: this.epoch.number },
    });
    this.volumes.set(dealId, volume);
    for (const { slot, provider, status } of slots) {
      this.slotChanging.fire(this.ctx(), { dealId, slot, before: { provider, status }, after: { provider, status }, hasContent: true });
    }
    this.checkInvariants();
    return volume;
  }

  /** Changes a slot as mode2 does: the listeners first. */
  change(dealId: bigint, slot: number, after: { provider: string; status: SlotStatus }, hasContent = true): void {
    const held = this.volumes.get(dealId)!.slots[slot]!;
    this.slotChanging.fire(this.ctx(), { dealId, slot, before: { provider: held.provider, status: held.status }, after, hasContent });
    held.provider = after.provider;
    held.status = after.status;
    held.challengedFromEpoch = this.epoch.number + 1n;
    if (!this.bonds.has(after.provider)) this.bonds.set(after.provider, 1_000_000n);
    this.checkInvariants();
  }

  /** A later commit: one user MDU more. */
  commit(dealId: bigint): void {
    const volume = this.volumes.get(dealId)!;
    const { generation, manifestRoot, totalMdus, sizeBytes } = volume;
    if (this.snapshots.get(dealId)?.epoch !== this.epoch.number) {
      this.snapshots.set(dealId, { epoch: this.epoch.number, generation, manifestRoot, totalMdus, sizeBytes });
    }
    Object.assign(volume, { generation: generation + 1n, manifestRoot: point(`root ${dealId}/${generation + 1n}`) });
    Object.assign(volume, { totalMdus: totalMdus + 1n, sizeBytes: sizeBytes + MDU_PAYLOAD });
  }

  private contentAt(dealId: bigint, epoch: bigint): Content | undefined {
    const volume = this.volumes.get(dealId);
    if (!volume || volume.firstCommitEpoch >= epoch) return undefined;
    const saved = this.snapshots.get(dealId);
    return saved?.epoch === epoch ? saved : volume;
  }

  private startRepair(ctx: ExecCtx, dealId: bigint, slot: number, cause: RepairCause): undefined {
    if (this.repairsFull) return;
    const held = this.volumes.get(dealId)!.slots[slot]!;
    this.repairs.push(`${dealId}/${slot} ${cause}`);
    const before = { provider: held.provider, status: held.status };
    this.slotChanging.fire(ctx, { dealId, slot, before, after: { provider: held.provider, status: SlotStatus.REPAIRING }, hasContent: true });
    held.status = SlotStatus.REPAIRING;
  }

  record(dealId: bigint, slot: number): SlotRecord | undefined {
    try {
      const request = create(QuerySlotRecordRequestSchema, { dealId, slot });
      return (this.module.parts.queries.slotRecord!(this.ctx(), request as never) as { record: SlotRecord }).record;
    } catch (error) {
      if (error instanceof SdkError) return undefined;
      throw error;
    }
  }

  /** What the daemon sees. */
  due(provider: string, pagination: object = {}): QueryDueResponse {
    return create(QueryDueResponseSchema, this.module.parts.queries.due!(this.ctx(), { provider, pagination } as never) as never);
  }

  /** An honest answer to everything that is due for the provider. */
  answer(provider: string, blobsOf: (positions: readonly Position[], needed: number) => readonly Position[] = (all) => all): MsgProveSlots {
    const { epoch, slots, z } = this.due(provider);
    const groups = slots.map(({ manifestRoot, positions, needed, witnessMdus: witness, profile }) => ({
      manifestRoot,
      blobs: blobsOf(positions, needed).map((position) => this.opened(z, manifestRoot, position, position.mduIndex <= Number(witness) ? 64 : leavesOf(profile!))),
    }));
    const claims = slots.map(({ dealId, slot, generation }) => ({ dealId, slot, generation }));
    return create(MsgProveSlotsSchema, { provider, epoch, slots: claims, proof: { z, groups, proof: point("aggregate") } });
  }

  opened(z: Uint8Array, root: Uint8Array, { mduIndex, leafIndex }: Position, leafCount: number): OpenedBlob {
    const place = { mduIndex, leafIndex, leafCount, mduRoot: new Uint8Array(32), manifestOpening: point("hop"), commitment: point("blob") };
    return create(OpenedBlobSchema, { ...place, merklePath: [], y: trueY(z, root, { mduIndex, leafIndex }) });
  }

  /** Runs a message as the base app does: validation, then a branch. A refused one must leave no trace. */
  run<T = { valid: boolean }>(rpc: string, msg: object, gasLimit?: bigint): Outcome<T> & { events: ExecCtx["events"] } {
    const ctx = this.ctx();
    const before = this.dump();
    const outcome = ctx.isolated((branch) => {
      this.module.parts.validate[rpc]!(msg as never);
      return this.module.parts.msgs[rpc]!(branch, msg as never) as T;
    }, gasLimit === undefined ? {} : { gasLimit });
    if (!outcome.ok) expect(this.dump()).toBe(before);
    this.checkInvariants();
    return { ...outcome, events: ctx.events };
  }

  /** The code of a refused message; "valid" or "invalid" of an accepted answer. */
  prove(msg: MsgProveSlots): string {
    const outcome = this.run("proveSlots", msg);
    if (!outcome.ok) return `${outcome.error.codespace}/${outcome.error.code}`;
    return outcome.value.valid ? "valid" : "invalid";
  }

  dump(): string {
    const entries = [...this.state.store("challenge").scan()].map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);
    return entries.join("\n");
  }

  params(): Params {
    return create(ParamsSchema, (this.module.parts.queries.params!(this.ctx(), {} as never) as { params: Params }).params);
  }
}

/** The point that another provider must answer at. */
export function zOf(world: World, provider: string): Uint8Array {
  return challengeZ(world.epoch.beacon, addressFromString(provider));
}

export function mutated(msg: MsgProveSlots, change: (copy: MsgProveSlots & { proof: OpeningsProof }) => void): MsgProveSlots {
  const copy = structuredClone(msg);
  change(copy as MsgProveSlots & { proof: OpeningsProof });
  return copy;
}
