import { create } from "@bufbuild/protobuf";
import { SdkError, addressToString } from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { type GenesisState, GenesisStateSchema } from "nild/gen/nil/challenge/v1/genesis_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { type Params, ParamsSchema, Verdict } from "nild/gen/nil/challenge/v1/types_pb.js";
import { DEFAULT_PARAMS } from "../params.js";
import { AUTHORITY, World, mutated, providerAddress } from "./world.js";

const A = providerAddress(0);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
  return "no error";
}

/** A world in the midst of an epoch, with answers, credits and a wrong proof. */
function busyWorld(): World {
  const world = new World({ quotaMinBlobs: 4 });
  world.openDeal(1n);
  world.openDeal(2n, { k: 4, m: 2 });
  world.toEpoch(2n);
  world.module.api.retrievalCompleted(world.ctx(), { dealId: 1n, slot: 1, provider: providerAddress(1), generation: 1n, openedHeight: world.height, epoch: 2n, blobs: [{ mduIndex: 2, leafIndex: 33 }] });
  world.prove(world.answer(A));
  world.prove(mutated(world.answer(providerAddress(2)), (copy) => (copy.proof.groups[0]!.blobs[0]!.y = new Uint8Array(32))));
  return world;
}

function exported(world: World): GenesisState {
  return create(GenesisStateSchema, world.module.parts.genesis.export(world.ctx()) as never);
}

describe("genesis", () => {
  test("export after init is the identity, byte for byte in the store", () => {
    const world = busyWorld();
    const genesis = exported(world);
    expect(genesis.records).toHaveLength(9);
    expect(genesis.credited).toHaveLength(1);
    expect(genesis.proofsVerified).toBe(10n);
    world.module.parts.genesis.validate(genesis);
    const state = testState();
    world.module.parts.genesis.init(execCtx({ state }), genesis);
    const dump = [...state.store("challenge").scan()].map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);
    expect(dump.join("\n")).toBe(world.dump());
  });

  test("the default is valid", () => {
    const { genesis } = new World().module.parts;
    expect(codeOf(() => genesis.validate(create(GenesisStateSchema, genesis.default() as never)))).toBe("no error");
  });

  test.each<[string, string, (genesis: GenesisState) => void]>([
    ["no parameters", "challenge/19", (genesis) => delete genesis.params],
    ["no load", "challenge/20", (genesis) => delete genesis.load],
    ["a load that counts another number of entries", "challenge/20", (genesis) => (genesis.load!.entries += 1n)],
    ["a load with another sum", "challenge/20", (genesis) => (genesis.load!.quotaSum -= 1n)],
    ["a record twice", "challenge/20", (genesis) => genesis.records.push(genesis.records[0]!)],
    ["health over 1000", "challenge/20", (genesis) => (genesis.records[0]!.health = 1_001)],
    ["a quota over 63", "challenge/20", (genesis) => (genesis.records[0]!.quota = 64)],
    ["an answer that is a verdict on silence", "challenge/20", (genesis) => (genesis.records[0]!.answer = Verdict.MISSING)],
    ["an unknown answer", "challenge/20", (genesis) => (genesis.records[0]!.answer = 17 as Verdict)],
    ["a provider that is no address", "sdk/7", (genesis) => (genesis.records[0]!.provider = "cosmos1abc")],
    ["a credited blob twice", "challenge/20", (genesis) => genesis.credited.push(genesis.credited[0]!)],
  ])("%s is refused", (_name, code, change) => {
    const world = busyWorld();
    const genesis = exported(world);
    change(genesis);
    expect(codeOf(() => world.module.parts.genesis.validate(genesis))).toBe(code);
  });
});

describe("parameters", () => {
  const world = new World();
  const update = (params: Partial<Params> | undefined, authority = AUTHORITY): string => {
    const whole = params && create(ParamsSchema, { ...DEFAULT_PARAMS, ...params });
    const outcome = world.run<object>("updateParams", create(MsgUpdateParamsSchema, { authority, ...(whole && { params: whole }) }));
    return outcome.ok ? "ok" : `${outcome.error.codespace}/${outcome.error.code}`;
  };

  test.each<[string, Partial<Params> | undefined]>([
    ["none", undefined],
    ["period 0", { minPeriodEpochs: 0n }],
    ["no proofs per epoch: a division by zero", { proofsPerEpoch: 0n }],
    ["quota over 63", { quotaMaxBlobs: 64 }],
    ["quota 0 at most", { quotaMaxBlobs: 0 }],
    ["a minimum over the maximum", { quotaMinBlobs: 9, quotaMaxBlobs: 8 }],
    ["hot bps over 10000", { quotaBpsHot: 10_001 }],
    ["cold bps over 10000", { quotaBpsCold: 10_001 }],
    ["a credit cap over 10000", { creditCapBps: 10_001 }],
    ["health over 1000", { healthOnTime: 1_001 }],
    ["slots born below the line", { healthStart: 300 }],
    ["a slash of more than the bond", { slashWrongBps: 10_001 }],
    ["a sweep of 0 items", { maxDuePerBlock: 0 }],
    ["a sweep without bound", { maxDuePerBlock: 4_000_000_000 }],
  ])("%s: refused", (_name, params) => {
    expect(update(params)).toBe("challenge/19");
  });

  test("only the authority changes them", () => {
    expect(update({}, addressToString(new Uint8Array(20).fill(2)))).toBe("sdk/4");
    expect(world.params()).toMatchObject({ quotaMinBlobs: 2 });
    expect(update({ quotaMinBlobs: 5 })).toBe("ok");
    expect(world.params()).toMatchObject({ quotaMinBlobs: 5 });
  });
});

describe("queries", () => {
  const world = new World();
  for (let deal = 1n; deal <= 10n; deal++) world.openDeal(deal);
  world.toEpoch(1n);

  test("what is due comes in pages, each slot once", () => {
    const seen: bigint[] = [];
    let key = new Uint8Array(0);
    do {
      const page = world.due(A, { key, limit: 3n });
      expect(page.slots.length).toBeLessThanOrEqual(3);
      seen.push(...page.slots.map(({ dealId }) => dealId));
      key = new Uint8Array(page.pagination!.nextKey);
    } while (key.length > 0);
    expect(seen).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
    expect(world.due(A, { limit: 2n ** 64n - 1n }).slots).toHaveLength(10);
    expect(world.due(A, { reverse: true, limit: 2n }).slots.map(({ dealId }) => dealId)).toEqual([10n, 9n]);
  });

  test("the answer's frame: heights, z, all that a proof needs", () => {
    const due = world.due(A);
    expect(due).toMatchObject({ epoch: 1n, lateFromHeight: 15n, endHeight: 16n });
    expect(due.slots[0]).toMatchObject({ generation: 1n, totalMdus: 4n, witnessMdus: 1n, profile: { k: 2, m: 1 }, needed: 2 });
    expect(world.due(providerAddress(77)).slots).toEqual([]);
  });

  test.each<[string, string, () => unknown]>([
    ["an unknown slot", "challenge/2", () => world.module.parts.queries.slotRecord!(world.ctx(), { dealId: 1n, slot: 9 } as never)],
    ["no address", "sdk/7", () => world.due("")],
    ["an offset", "sdk/18", () => world.due(A, { offset: 1n })],
    ["a forged token", "sdk/18", () => world.due(A, { key: new Uint8Array(11) })],
  ])("%s: refused", (_name, code, work) => {
    expect(codeOf(work)).toBe(code);
  });

  test("a token cannot lead out of the provider's own entries", () => {
    expect(world.due(A, { key: new Uint8Array(12).fill(0xff) }).slots).toEqual([]);
    expect(world.due(A, { key: new Uint8Array(12).fill(0xff), reverse: true, limit: 1n }).slots.map(({ dealId }) => dealId)).toEqual([10n]);
  });
});
