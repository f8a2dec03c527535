import { createHash } from "node:crypto";
import { type MessageInitShape, create, fromBinary } from "@bufbuild/protobuf";
import { type ExecCtx, type Outcome, SdkError, addressFromString, addressToString, moduleAddress } from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { OPENINGS_CHECK, challengeZ, leafIndexOf, leavesOf, sessionPositions, zFromDigest } from "nild/nilfs";
import { GenesisStateSchema as EpochGenesisSchema } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { SlotSchema, SlotStatus, type Volume, VolumeSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import { OpenedBlobSchema, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { GenesisStateSchema } from "nild/gen/nil/retrieval/v1/genesis_pb.js";
import { type MsgOpenSession, MsgConfirmSessionSchema, MsgOpenSessionSchema, type MsgProveSession, MsgProveSessionSchema } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import type { Params, Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { epochModule } from "nild/x/epoch";
import { retrievalModule } from "nild/x/retrieval";
import type { RetrievalCompleted } from "../api.js";
import { DEFAULT_PARAMS } from "../params.js";

export const AUTHORITY = addressToString(moduleAddress("governance"));
export const address = (name: string) => addressToString(createHash("sha256").update(name).digest().subarray(0, 20));
export const OWNER = address("owner");
export const READER = address("reader");
export const PROVIDERS = Array.from({ length: 12 }, (_, i) => address(`provider ${i}`));
export const END_HEIGHT = 500n;

export function point(name: string): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set(createHash("sha256").update(name).digest(), 16);
  bytes[0] = 0x80;
  return bytes;
}

function trueY(z: Uint8Array, root: Uint8Array, mduIndex: number, leafIndex: number): Uint8Array {
  return zFromDigest(createHash("sha256").update(z).update(root).update(`${mduIndex}/${leafIndex}`).digest());
}

/** Stands for the pairing equations behind the Check port. */
function fakeVerifier(input: Uint8Array): boolean {
  const { z, groups } = fromBinary(OpeningsProofSchema, input);
  return groups.every(({ manifestRoot, blobs }) => blobs.every(({ y, mduIndex, leafIndex }) => Buffer.compare(y, trueY(z, manifestRoot, mduIndex, leafIndex)) === 0));
}

/** The module over fakes of deal, mode2 and a plain ledger for escrow, with the real epoch clock. Deal 1 is 8+4 with 3 user MDUs. */
export class World {
  readonly state = testState();
  height = 0n;
  readonly deals = new Map<bigint, { publicRead: boolean }>();
  readonly volumes = new Map<bigint, Volume>();
  /** unil locked, by deal. */
  readonly locked = new Map<bigint, bigint>();
  readonly settled: string[] = [];
  readonly completed: RetrievalCompleted[] = [];
  /** Escrow is out of money. */
  poor = false;
  /** Escrow refuses to settle. */
  broken = false;
  readonly epochs = epochModule({}, { authority: AUTHORITY });
  readonly module = retrievalModule(
    {
      epoch: this.epochs.api,
      deal: { find: (_ctx, dealId) => this.deals.get(dealId) },
      mode2: { find: (_ctx, dealId) => this.volumes.get(dealId) },
      escrow: {
        find: (_ctx, dealId) => ({ locked: `${this.locked.get(dealId) ?? 0n}` }),
        openFee: (_ctx, dealId, blobs) => {
          if (this.poor) throw new SdkError("escrow", 4, "InsufficientBalance", "poor");
          this.locked.set(dealId, (this.locked.get(dealId) ?? 0n) + blobs * 100n);
          return blobs * 100n;
        },
        settleFee: (_ctx, dealId, locked, { end, provider, opener }) => {
          if (this.broken) throw new SdkError("escrow", 9, "Broken", "broken");
          const left = this.locked.get(dealId)! - locked;
          expect(left).toBeGreaterThanOrEqual(0n);
          this.locked.set(dealId, left);
          this.settled.push(`${end} ${locked} ${end === "unproved" ? opener : provider}`);
          return { paid: locked };
        },
      },
      completed: { fire: (_ctx, event) => void this.completed.push(event) as undefined },
    },
    { authority: AUTHORITY },
  );

  constructor(params: Partial<Params> = {}) {
    this.epochs.parts.genesis.init(this.ctx(), create(EpochGenesisSchema, { params: { lengthBlocks: 10n, ringSize: 8 } }));
    const genesis = create(GenesisStateSchema, { params: { ...DEFAULT_PARAMS, maxSessionBlocks: 50n, keepEndedBlocks: 20n, ...params } } as MessageInitShape<typeof GenesisStateSchema>);
    this.module.parts.genesis.validate(genesis);
    this.module.parts.genesis.init(this.ctx(), genesis);
    this.addDeal(1n);
    this.toHeight(5n);
  }

  ctx(): ExecCtx {
    const hash = createHash("sha256").update(`block ${this.height}`).digest();
    return execCtx({ state: this.state, height: this.height, hash, checkers: { [OPENINGS_CHECK]: fakeVerifier } });
  }

  addDeal(dealId: bigint, endHeight = END_HEIGHT, publicRead = false): Volume {
    this.deals.set(dealId, { publicRead });
    const slots = PROVIDERS.map((provider, slot) => create(SlotSchema, { slot, provider, status: SlotStatus.ACTIVE }));
    const volume = create(VolumeSchema, {
      ...{ dealId, slots, endHeight, owner: OWNER, profile: { k: 8, m: 4 }, generation: 2n, manifestRoot: point(`root ${dealId}`) },
      ...{ witnessMdus: 1n, totalMdus: 5n, sizeBytes: 3n * 8_126_464n },
    });
    this.volumes.set(dealId, volume);
    return volume;
  }

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

  checkInvariants(): void {
    for (const [name, invariant] of Object.entries(this.module.parts.invariants)) expect([name, invariant(this.ctx())]).toEqual([name, undefined]);
    // What escrow holds for sessions is what the live ones name.
    const { sessions } = this.module.parts.genesis.export(this.ctx()) as { sessions: Session[] };
    for (const [dealId, locked] of this.locked) {
      const live = sessions.filter((each) => each.dealId === dealId && each.status <= 3);
      expect(live.reduce((sum, { lockedFee }) => sum + BigInt(lockedFee), 0n)).toBe(locked);
    }
  }

  /** A right message of the owner for slot 3: 10 blobs from row 5 of the first user MDU. */
  openMsg(change: Partial<MsgOpenSession> = {}): MsgOpenSession {
    const base = { opener: OWNER, dealId: 1n, slot: 3, provider: PROVIDERS[3]!, startMdu: 2, startRow: 5, blobCount: 10n };
    const nonce = this.nonce(change.opener ?? OWNER) + 1n;
    const manifestRoot = this.volumes.get(change.dealId ?? 1n)?.manifestRoot ?? point("none");
    return create(MsgOpenSessionSchema, { ...base, manifestRoot, nonce, expiresHeight: this.height + 20n, ...change });
  }

  nonce(opener: string): bigint {
    return (this.module.parts.queries.nonce!(this.ctx(), { opener } as never) as { nonce: bigint }).nonce;
  }

  open(change: Partial<MsgOpenSession> = {}): Uint8Array {
    const outcome = this.run<{ sessionId: Uint8Array }>("openSession", this.openMsg(change));
    if (!outcome.ok) throw outcome.error;
    return outcome.value.sessionId;
  }

  session(sessionId: Uint8Array): Session {
    return (this.module.parts.queries.session!(this.ctx(), { sessionId } as never) as { session: Session }).session;
  }

  /** An honest proof of a session. */
  proveMsg(sessionId: Uint8Array): MsgProveSession {
    const { provider, seed, profile, slot, startMdu, startRow, blobCount, manifestRoot } = this.session(sessionId);
    const z = challengeZ(seed, addressFromString(provider));
    const range = { profile: profile!, slot, startMdu, startBlob: leafIndexOf(profile!, slot, startRow), blobCount: Number(blobCount) };
    const blobs = sessionPositions(seed, range, 8).map(({ mduIndex, leafIndex }) =>
      create(OpenedBlobSchema, {
        ...{ mduIndex, leafIndex, leafCount: leavesOf(profile!), mduRoot: new Uint8Array(32), manifestOpening: point("hop"), commitment: point("blob") },
        y: trueY(z, manifestRoot, mduIndex, leafIndex),
      }),
    );
    return create(MsgProveSessionSchema, { provider, sessionId, proof: { z, groups: [{ manifestRoot, blobs }], proof: point("aggregate") } });
  }

  confirmMsg(sessionId: Uint8Array, opener = OWNER) {
    return create(MsgConfirmSessionSchema, { opener, sessionId });
  }

  /** Runs a message as the base app does; a refused one must leave no trace. */
  run<T>(rpc: string, msg: object, gasLimit?: bigint): Outcome<T> & { events: ExecCtx["events"] } {
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

  /** "ok", "valid", "invalid" or the code. */
  try(rpc: string, msg: object): string {
    const outcome = this.run<{ valid?: boolean }>(rpc, msg);
    if (!outcome.ok) return `${outcome.error.codespace}/${outcome.error.code}`;
    return outcome.value.valid === undefined ? "ok" : outcome.value.valid ? "valid" : "invalid";
  }

  dump(): string {
    return [...this.state.store("retrieval").scan()].map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`).join("\n");
  }
}
