import { createHash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createApp, newAppState } from "nild/app";
import { MemoryDatabase, addressFromString, ed25519PublicKey, signEd25519 } from "nild/sdk";
import { type Fixture, fixture, testAccount } from "nild/testing";
import { OPENINGS_CHECK, type Position, type Profile, ackDigest, challengeZ, leafIndexOf, leavesOf, sessionPositions, witnessMdus, zFromDigest } from "nild/nilfs";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Query as ChallengeQuery } from "nild/gen/nil/challenge/v1/query_pb.js";
import { Msg as ChallengeMsg } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { QueryDealRequestSchema } from "nild/gen/nil/deal/v1/query_pb.js";
import { Msg as DealMsg } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Query as EpochQuery } from "nild/gen/nil/epoch/v1/query_pb.js";
import { Query as EscrowQuery } from "nild/gen/nil/escrow/v1/query_pb.js";
import { Query as Mode2Query } from "nild/gen/nil/mode2/v1/query_pb.js";
import { Msg as Mode2Msg } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Code, type OpeningsProof, OpenedBlobSchema, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import type { GenesisState as ProviderGenesis } from "nild/gen/nil/provider/v1/genesis_pb.js";
import { Query as ProviderQuery } from "nild/gen/nil/provider/v1/query_pb.js";
import { Msg as ProviderMsg } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Capability, Status as ProviderStatus } from "nild/gen/nil/provider/v1/types_pb.js";
import { Query as RetrievalQuery } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { Msg as RetrievalMsg } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { Status as SessionStatus } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { point } from "./world.js";

/*
 * The whole storage path of the real application by signed transactions, a block each, every module's invariants after
 * each block. Only the pairing equations are faked: the value at z stands for them.
 */

const EPOCH = 10n;
const GAS = 100_000_000n;
const PROFILE: Profile = { k: 2, m: 2 };
const SIZE = 3n * 8_126_464n - 5n;
const TOTAL_MDUS = 1n + 1n + 3n;
const NAMES = Array.from({ length: 6 }, (_, i) => `provider ${i}`);
const RESPONSE_KEYS = new Map(NAMES.map((name) => [name, createHash("sha256").update(`response ${name}`).digest()]));
const nameOf = (address: string) => NAMES.find((name) => testAccount(name).address === address)!;

function trueY(z: Uint8Array, root: Uint8Array, { mduIndex, leafIndex }: Position): Uint8Array {
  return zFromDigest(createHash("sha256").update(z).update(root).update(`${mduIndex}/${leafIndex}`).digest());
}

function fakeVerifier(input: Uint8Array): boolean {
  const { z, groups } = fromBinary(OpeningsProofSchema, input);
  return groups.every(({ manifestRoot, blobs }) => blobs.every((blob) => Buffer.compare(blob.y, trueY(z, manifestRoot, blob)) === 0));
}

/** Opens blobs of every group at z, honestly or not. */
function openings(z: Uint8Array, groups: readonly { root: Uint8Array; positions: readonly Position[] }[], honest = true): OpeningsProof {
  return create(OpeningsProofSchema, {
    z,
    proof: point("aggregate"),
    groups: groups.map(({ root, positions }) => ({
      manifestRoot: root,
      blobs: positions.map(({ mduIndex, leafIndex }) =>
        create(OpenedBlobSchema, {
          ...{ mduIndex, leafIndex, leafCount: mduIndex < 2 ? 64 : leavesOf(PROFILE), mduRoot: new Uint8Array(32) },
          ...{ manifestOpening: point("hop"), commitment: point("blob"), y: honest ? trueY(z, root, { mduIndex, leafIndex }) : new Uint8Array(32) },
        }),
      ),
    })),
  });
}

class Chain {
  constructor(readonly nild: Fixture) {}

  static async start(): Promise<Chain> {
    const nild = fixture({ app: ({ db, onUnexpected }) => createApp({ db, onUnexpected, checkers: { [OPENINGS_CHECK]: fakeVerifier } }) });
    const balances = ["owner", ...NAMES].map((name) => ({ address: testAccount(name).address, amount: 100_000_000_000n }));
    const appState = newAppState({
      balances,
      epochBlocks: EPOCH,
      adjust(genesis) {
        (genesis.get("provider") as ProviderGenesis).params!.allowPrivateEndpoints = true;
      },
    });
    nild.initChain(new TextEncoder().encode(appState));
    const chain = new Chain(nild);
    await nild.nextBlock();
    for (const name of NAMES) await chain.register(name);
    return chain;
  }

  async register(name: string): Promise<void> {
    const i = NAMES.indexOf(name);
    await this.nild.must(
      ProviderMsg.method.registerProvider,
      {
        ...{ operator: testAccount(name).address, bond: "5000000000", capability: Capability.GENERAL, totalBytes: 1n << 40n },
        ...{ endpoints: [`/ip4/127.0.0.1/tcp/${8190 + i}/http`], failureDomain: { asn: `AS${i}`, region: "here" } },
        responseKey: ed25519PublicKey(RESPONSE_KEYS.get(name)!),
      },
      { from: name, gas: 2_000_000n },
    );
  }

  get height(): bigint {
    return this.nild.height;
  }

  async toHeight(height: bigint): Promise<void> {
    while (this.nild.height < height) await this.nild.nextBlock();
  }

  epoch() {
    return this.nild.query(EpochQuery.method.current, {}).epoch!;
  }

  /** To the first block of the next epoch. */
  async nextEpoch(): Promise<void> {
    const { startHeight, lengthBlocks } = this.epoch();
    await this.toHeight(startHeight + lengthBlocks);
  }

  volume(): Volume {
    return this.nild.query(Mode2Query.method.volume, { dealId: 1n }).volume!;
  }

  balance(name: string): bigint {
    return BigInt(this.nild.query(BankQuery.method.balance, { address: testAccount(name).address, denom: "unil" }).balance!.amount);
  }

  totals() {
    const { entered, paid, burned, refunded } = this.nild.query(EscrowQuery.method.totals, {}).totals!;
    return { entered: BigInt(entered), paid: BigInt(paid), burned: BigInt(burned), refunded: BigInt(refunded) };
  }

  async createDeal(durationBlocks: bigint): Promise<void> {
    const terms = { serviceHint: "Hot", initialEscrow: "2000000000", maxMonthlySpend: "0", maxUserMdus: 4n, publicRead: false };
    const { dealId } = await this.nild.must(
      DealMsg.method.createDeal,
      { owner: testAccount("owner").address, durationBlocks, profile: { ...PROFILE, code: Code.GF256 }, ...terms },
      { from: "owner" },
    );
    expect(dealId).toBe(1n);
    await this.nild.nextBlock();
  }

  /** Commits with the acks of these slots. */
  async commit(slots: readonly number[] = [0, 1, 2, 3]): Promise<void> {
    const content = { manifestRoot: point("root"), sizeBytes: SIZE, totalMdus: TOTAL_MDUS, mdu0Hash: new Uint8Array(32).fill(4) };
    const { chainId } = this.nild;
    const volume = this.volume();
    const acks = slots.map((slot) => {
      const digest = ackDigest({ chainId, dealId: 1n, generation: 1n, slot, ...content, witnessMdus: BigInt(witnessMdus(PROFILE, 4)) });
      return { slot, signature: signEd25519(RESPONSE_KEYS.get(nameOf(volume.slots[slot]!.provider))!, digest) };
    });
    const signer = testAccount("owner").address;
    await this.nild.must(DealMsg.method.commitContent, { signer, dealId: 1n, expectedGeneration: 0n, ...content, acks }, { from: "owner", gas: GAS });
  }

  /** Everything due for the provider; undefined if nothing is. */
  async answer(name: string, honest = true): Promise<boolean | undefined> {
    const provider = testAccount(name).address;
    const { epoch, z, slots } = this.nild.query(ChallengeQuery.method.due, { provider });
    if (slots.length === 0) return undefined;
    const proof = openings(z, slots.map(({ manifestRoot, positions }) => ({ root: manifestRoot, positions })), honest);
    const claims = slots.map(({ dealId, slot, generation }) => ({ dealId, slot, generation }));
    const { valid } = await this.nild.must(ChallengeMsg.method.proveSlots, { provider, epoch, slots: claims, proof }, { from: name, gas: GAS });
    return valid;
  }
}

/** A deal whose content is committed; the due epoch has not begun. */
async function committedDeal(durationBlocks: bigint, acked?: readonly number[]): Promise<Chain> {
  const chain = await Chain.start();
  await chain.nextEpoch();
  await chain.nextEpoch();
  await chain.createDeal(durationBlocks);
  await chain.commit(acked);
  return chain;
}

test("answers earn rent, silence loses the slot, a candidate takes it over, retrievals are paid, and every unit is accounted for", async () => {
  const chain = await committedDeal(200n);
  const { nild } = chain;
  const holders = chain.volume().slots.map(({ provider }) => nameOf(provider));
  const silent = holders[1]!;
  const honest = holders.filter((name) => name !== silent);

  // Rent: three answer, one is silent.
  const before = new Map(NAMES.map((name) => [name, chain.balance(name)]));
  for (let i = 0; i < 2; i++) {
    await chain.nextEpoch();
    for (const name of honest) expect(await chain.answer(name)).toBe(true);
  }
  await chain.nextEpoch();
  for (const name of honest) expect(chain.balance(name)).toBeGreaterThan(before.get(name)! - 1_000_000n);
  expect(chain.totals().paid).toBeGreaterThan(0n);
  expect(nild.query(ChallengeQuery.method.slotRecord, { dealId: 1n, slot: 1 }).record).toMatchObject({ health: 700 });

  // A session on an answering slot: proved, confirmed, paid; its blobs are credited.
  const slot = 0;
  const [reader, provider] = [testAccount("owner").address, testAccount(holders[slot]!).address];
  const terms = { dealId: 1n, slot, provider, manifestRoot: point("root"), startMdu: 2, startRow: 0, blobCount: 40n, nonce: 1n, expiresHeight: chain.height + 20n };
  const { sessionId } = await nild.must(RetrievalMsg.method.openSession, { opener: reader, ...terms }, { from: "owner" });
  const { seed } = nild.query(RetrievalQuery.method.session, { sessionId }).session!;
  const range = { profile: PROFILE, slot, startMdu: 2, startBlob: leafIndexOf(PROFILE, slot, 0), blobCount: 40 };
  const z = challengeZ(seed, addressFromString(provider));
  const proof = openings(z, [{ root: point("root"), positions: sessionPositions(seed, range, 8) }]);
  expect(await nild.must(RetrievalMsg.method.proveSession, { provider, sessionId, proof }, { from: holders[slot]!, gas: GAS })).toMatchObject({ valid: true });
  const earned = chain.totals().paid;
  await nild.must(RetrievalMsg.method.confirmSession, { opener: reader, sessionId }, { from: "owner" });
  expect(nild.query(RetrievalQuery.method.session, { sessionId }).session!.status).toBe(SessionStatus.COMPLETED);
  // 40 blobs · 100 unil, less the burned 5 %.
  expect(chain.totals().paid - earned).toBe(3_800n);
  expect(nild.query(ChallengeQuery.method.slotRecord, { dealId: 1n, slot }).record).toMatchObject({ credits: 8 });
  const { slots: due } = nild.query(ChallengeQuery.method.due, { provider });
  expect(due[0]!.needed).toBeLessThan(due[0]!.positions.length - 1);
  for (const name of honest) expect(await chain.answer(name)).toBe(true);

  // The fifth silence: evicted, a candidate is drawn, proves the slot and answers from the next epoch on.
  while (chain.volume().slots[1]!.status === SlotStatus.ACTIVE) {
    await chain.nextEpoch();
    for (const name of honest) await chain.answer(name);
  }
  await nild.nextBlock();
  const { candidate } = chain.volume().slots[1]!;
  expect([...holders.map((name) => testAccount(name).address), ""]).not.toContain(candidate);
  const task = nild.query(Mode2Query.method.readiness, { dealId: 1n, slot: 1 });
  const ready = openings(task.z, [{ root: point("root"), positions: task.positions }]);
  const msg = { provider: candidate, dealId: 1n, slot: 1, generation: task.generation, epoch: task.epoch, proof: ready };
  expect(await nild.must(Mode2Msg.method.proveReadiness, msg, { from: nameOf(candidate), gas: GAS })).toMatchObject({ valid: true });
  expect(chain.volume().slots[1]).toMatchObject({ provider: candidate, status: SlotStatus.ACTIVE });
  await chain.nextEpoch();
  expect(await chain.answer(nameOf(candidate))).toBe(true);
  expect(await chain.answer(silent)).toBeUndefined();

  // The end: nothing of the deal is left, every unit was paid, burned or refunded.
  await chain.toHeight(chain.volume().endHeight + 1n);
  const lookUp = nild.rawQuery("/nil.deal.v1.Query/Deal", toBinary(QueryDealRequestSchema, create(QueryDealRequestSchema, { id: 1n })));
  expect(lookUp).toMatchObject({ codespace: "sdk", code: 22 });
  expect(nild.query(ChallengeQuery.method.stats, {})).toMatchObject({ load: { entries: 0n, quotaSum: 0n } });
  const { entered, paid, burned, refunded } = chain.totals();
  expect(paid + burned + refunded).toBe(entered);
}, 120_000);

test("a wrong proof costs bond and slot; a slot without an ack is neither challenged nor paid until it proves itself", async () => {
  const chain = await committedDeal(150n, [0, 1, 2]);
  const { nild } = chain;
  const { slots } = chain.volume();
  const [liar, late] = [nameOf(slots[0]!.provider), nameOf(slots[3]!.provider)];
  expect(slots[3]).toMatchObject({ status: SlotStatus.REPAIRING, candidate: testAccount(late).address });
  await chain.nextEpoch();
  expect(await chain.answer(late)).toBeUndefined();
  expect(await chain.answer(liar, false)).toBe(false);
  // 5 % of 5,000 NIL.
  expect(nild.query(ProviderQuery.method.provider, { address: testAccount(liar).address }).provider).toMatchObject({ bond: "4750000000", slashed: "250000000" });
  await chain.nextEpoch();
  expect(chain.volume().slots[0]).toMatchObject({ status: SlotStatus.REPAIRING });
  expect(nild.query(ProviderQuery.method.provider, { address: testAccount(liar).address }).provider!.status).toBe(ProviderStatus.ACTIVE);

  const task = nild.query(Mode2Query.method.readiness, { dealId: 1n, slot: 3 });
  const proof = openings(task.z, [{ root: point("root"), positions: task.positions }]);
  const msg = { provider: testAccount(late).address, dealId: 1n, slot: 3, generation: task.generation, epoch: task.epoch, proof };
  await nild.must(Mode2Msg.method.proveReadiness, msg, { from: late, gas: GAS });
  const balance = chain.balance(late);
  await chain.nextEpoch();
  expect(await chain.answer(late)).toBe(true);
  await chain.nextEpoch();
  expect(chain.balance(late)).toBeGreaterThan(balance - 1_000_000n);
  expect(nild.query(ChallengeQuery.method.slotRecord, { dealId: 1n, slot: 3 }).record).toMatchObject({ provider: testAccount(late).address });
}, 120_000);

test("a chain that goes on from an export makes the same states: a deal, a repair, sessions in every status, credits, a jail", async () => {
  const chain = await committedDeal(100n, [0, 1, 2]);
  const { nild } = chain;
  const owner = testAccount("owner").address;
  await chain.nextEpoch();
  const holders = chain.volume().slots.map(({ provider }) => nameOf(provider));
  const open = async (slot: number, nonce: bigint, blocks: bigint): Promise<Uint8Array> => {
    const terms = { dealId: 1n, slot, provider: testAccount(holders[slot]!).address, manifestRoot: point("root"), startMdu: 2, startRow: 0, blobCount: 9n, nonce };
    return (await nild.must(RetrievalMsg.method.openSession, { opener: owner, ...terms, expiresHeight: chain.height + blocks }, { from: "owner" })).sessionId;
  };
  const prove = async (slot: number, sessionId: Uint8Array): Promise<void> => {
    const { seed } = nild.query(RetrievalQuery.method.session, { sessionId }).session!;
    const range = { profile: PROFILE, slot, startMdu: 2, startBlob: leafIndexOf(PROFILE, slot, 0), blobCount: 9 };
    const z = challengeZ(seed, addressFromString(testAccount(holders[slot]!).address));
    const proof = openings(z, [{ root: point("root"), positions: sessionPositions(seed, range, 8) }]);
    await nild.must(RetrievalMsg.method.proveSession, { provider: testAccount(holders[slot]!).address, sessionId, proof }, { from: holders[slot]!, gas: GAS });
  };
  await open(0, 1n, 50n);
  await prove(1, await open(1, 2n, 6n));
  const completed = await open(2, 3n, 50n);
  await prove(2, completed);
  await nild.must(RetrievalMsg.method.confirmSession, { opener: owner, sessionId: completed }, { from: "owner" });
  expect(await chain.answer(holders[0]!, false)).toBe(false);
  expect(await chain.answer(holders[1]!)).toBe(true);

  // Sections that are right by themselves and contradict each other are refused.
  for (const [text, broken] of [[`"locked_fee":"900"`, `"locked_fee":"899"`], [`"used_bytes":"12582912"`, `"used_bytes":"12582911"`]] as const) {
    const contradiction = nild.app.exportGenesis().replaceAll(text, broken);
    expect(contradiction.includes(broken)).toBe(true);
    expect(() => twinOf(nild, contradiction)).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  }
  const twin = twinOf(nild);
  for (let i = 0; i < 110; i++) {
    await nild.nextBlock();
    await twin.nextBlock();
    expect(twin.app.exportGenesis()).toBe(nild.app.exportGenesis());
  }
  expect(nild.query(EscrowQuery.method.totals, {}).held).toBe("0");
}, 120_000);

/** A second chain that starts from the first one's export, at the height where that one stands. */
function twinOf(nild: Fixture, appState = nild.app.exportGenesis()): Fixture {
  const twin = fixture({ ...nild.options, db: new MemoryDatabase() });
  twin.initChain(new TextEncoder().encode(appState), nild.height + 1n);
  twin.height = nild.height;
  twin.timeNs = nild.timeNs;
  return twin;
}
