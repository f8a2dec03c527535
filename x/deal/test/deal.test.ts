import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Status } from "nild/gen/nil/deal/v1/types_pb.js";
import { MsgUpdateParamsSchema as MsgUpdateEscrowParamsSchema } from "nild/gen/nil/escrow/v1/tx_pb.js";
import type { ParamsSchema as EscrowParamsSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { sdkErr } from "nild/sdk";
import { DEFAULT_PARAMS as MODE2_PARAMS } from "../../mode2/params.js";
import { DEFAULT_PARAMS as DEAL_PARAMS } from "../params.js";
import { AUTHORITY, MDU, OWNER, RICH, STRANGER, World, codeOf, point } from "./world.js";
import { moduleAccount } from "./fake_bank.js";

const FEE = 1_000_000n;

describe("creating a deal", () => {
  it("takes the deposit and the fee, and draws distinct providers in the next block", () => {
    const world = new World().withProviders(8);
    const created = world.createDeal({ initialEscrow: "500" });
    expect(created.ok && created.value["dealId"]).toBe(1n);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - 500n - FEE);
    expect(world.deal.api.get(world.ctx(), 1n).status).toBe(Status.PLACING);
    expect(world.volume(1n).slots).toEqual([]);

    expect(world.nextBlock()).toContain("EventSlotsPlaced");
    expect(world.deal.api.get(world.ctx(), 1n).status).toBe(Status.OPEN);
    const providers = world.volume(1n).slots.map((slot) => slot.provider);
    expect(providers).toHaveLength(6);
    expect(new Set(providers).size).toBe(6);
    expect(world.bank.balance(world.ctx(), moduleAccount("fee_collector"))).toBe(FEE);
    expect(world.escrow.api.get(world.ctx(), 1n).balance).toBe("500");
  });

  it.each([
    ["K = 0", { profile: { k: 0, m: 2, code: Code.GF256 } }, "deal/7"],
    ["M = 0", { profile: { k: 4, m: 0, code: Code.GF256 } }, "deal/7"],
    ["K that does not divide 64", { profile: { k: 3, m: 2, code: Code.GF256 } }, "deal/7"],
    ["K+M beyond the format", { profile: { k: 64, m: 65, code: Code.GF256 } }, "deal/7"],
    ["K+M that wraps 32 bits", { profile: { k: 4, m: 0xffff_ffff, code: Code.GF256 } }, "deal/7"],
    ["an unknown code", { profile: { k: 4, m: 2, code: 7 as Code } }, "deal/7"],
    ["no code", { profile: { k: 4, m: 2 } }, "deal/7"],
    ["K beyond the chain's", { profile: { k: 32, m: 2, code: Code.GF256 } }, "mode2/3"],
    ["K+M beyond the chain's", { profile: { k: 16, m: 17, code: Code.GF256 } }, "mode2/3"],
    ["no user MDUs", { maxUserMdus: 0n }, "mode2/4"],
    ["more MDUs than a manifest has cells", { maxUserMdus: 4_096n }, "mode2/4"],
    ["user MDUs beyond a safe integer", { maxUserMdus: (1n << 64n) - 1n }, "mode2/4"],
    ["more slots than providers", { profile: { k: 8, m: 4, code: Code.GF256 } }, "mode2/5"],
    ["an unknown hint", { serviceHint: "hot" }, "mode2/7"],
    ["a duration of 0", { durationBlocks: 0n }, "deal/6"],
    ["a duration below the least", { durationBlocks: 99n }, "deal/6"],
    ["a duration that wraps the height", { durationBlocks: (1n << 64n) - 1n }, "deal/6"],
    ["a negative deposit", { initialEscrow: "-1" }, "sdk/10"],
    ["a deposit with leading zeros", { initialEscrow: "0100" }, "sdk/10"],
    ["a deposit over the owner's balance", { initialEscrow: `${RICH}` }, "sdk/5"],
    ["a negative cap", { maxMonthlySpend: "-1" }, "sdk/10"],
    ["an owner with a bad checksum", { owner: OWNER.replace(/.$/, (c) => (c === "q" ? "p" : "q")) }, "sdk/7"],
  ])("refuses %s", (_, overrides, code) => {
    const world = new World().withProviders(8);
    expect(codeOf(world.createDeal(overrides))).toBe(code);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH);
    expect(world.deal.api.find(world.ctx(), 1n)).toBeUndefined();
    expect(world.mode2.api.find(world.ctx(), 1n)).toBeUndefined();
  });

  it("refunds deposit and fee when the draw finds too few", () => {
    const world = new World().withProviders(6);
    const id = world.createDeal();
    expect(codeOf(id)).toBe("ok");
    world.must((ctx) => world.provider.api.slash(ctx, world.provider.api.candidateAt(ctx, 0), 10n ** 12n, "test"));
    expect(world.nextBlock()).toContain("EventDealFailed");
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH);
    expect(world.deal.api.find(world.ctx(), 1n)).toBeUndefined();
    expect(world.escrow.api.find(world.ctx(), 1n)).toBeUndefined();
    expect(world.mode2.api.find(world.ctx(), 1n)).toBeUndefined();
    expect(world.provider.api.candidateCount(world.ctx())).toBe(5);
  });

  it("shares the gas of a block's draws among the requests: what does not fit waits, and everyone is served", () => {
    // All providers in one domain that may hold one slot: each draw misses 1,024 times and then fails.
    const mode2 = { params: { ...MODE2_PARAMS, bootstrapProviders: 0, maxSlotsPerDomain: 1, placementTries: 1_024 } };
    const world = new World({ mode2, deal: { params: { ...DEAL_PARAMS, maxDuePerBlock: 200 } } }).withProviders(6, () => ({ failureDomain: { asn: "AS1", region: "eu" } }));
    const failed: number[] = [];
    for (let i = 0; i < 50; i++) expect(codeOf(world.createDeal())).toBe("ok");
    while (failed.reduce((sum, count) => sum + count, 0) < 50) failed.push(world.nextBlock().filter((type) => type === "EventDealFailed").length);
    expect(failed.length).toBeGreaterThan(1);
    expect(Math.min(...failed)).toBeGreaterThan(0);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH);
  });

  it("charges the fee that was asked at the request, whatever it is at the draw", () => {
    const world = new World().withProviders(6);
    world.createDeal({ initialEscrow: "0" });
    const { params } = world.escrow.parts.genesis.default() as { params: MessageInitShape<typeof EscrowParamsSchema> };
    const raised = { authority: AUTHORITY, params: { ...params, dealCreationFee: "9000000" } };
    expect(codeOf(world.send(world.escrow, "updateParams", MsgUpdateEscrowParamsSchema, raised))).toBe("ok");
    world.nextBlock();
    expect(world.deal.api.get(world.ctx(), 1n).status).toBe(Status.OPEN);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - FEE);
  });

  it("places at most max_due_per_block deals in a block and the rest later", () => {
    const world = new World({ deal: { params: { minDurationBlocks: 100n, maxDurationBlocks: 1_000n, maxDuePerBlock: 2 } } }).withProviders(6);
    for (let i = 0; i < 3; i++) expect(codeOf(world.createDeal())).toBe("ok");
    world.nextBlock();
    expect([1n, 2n, 3n].map((id) => world.deal.api.get(world.ctx(), id).status)).toEqual([Status.OPEN, Status.OPEN, Status.PLACING]);
    world.nextBlock();
    expect(world.deal.api.get(world.ctx(), 3n).status).toBe(Status.OPEN);
  });
});

describe("committing content", () => {
  it("pays the remaining term exactly as quoted", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal();
    world.nextBlock(3);
    const quote = world.escrow.api.quoteStorage(world.ctx(), id, MDU);
    const committed = world.commit(world.content(id, "a"));
    expect(committed.ok && committed.value).toEqual({ generation: 1n, charged: `${quote.amount}` });
    expect(quote.blobs).toBe(64n);
    expect(world.escrow.api.get(world.ctx(), id).rentPool).toBe(`${quote.amount}`);
  });

  it("takes a replay as a no-op that charges nothing", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal();
    const msg = world.content(id, "a");
    expect(codeOf(world.commit(msg))).toBe("ok");
    const before = world.escrow.api.get(world.ctx(), id);
    const replay = world.commit(msg);
    expect(replay.ok && replay.value).toEqual({ generation: 1n, charged: "0" });
    expect(world.escrow.api.get(world.ctx(), id)).toEqual(before);
  });

  it.each([
    ["a stranger", { signer: STRANGER }, "deal/3"],
    ["an unknown deal", { dealId: 99n }, "deal/2"],
    ["a stale generation", { expectedGeneration: 1n }, "mode2/10"],
    ["size 0", { sizeBytes: 0n }, "deal/8"],
    ["a size beyond the reserved MDUs", { sizeBytes: 5n * MDU, totalMdus: 7n }, "mode2/13"],
    ["total_mdus that does not follow from the size", { totalMdus: 4n }, "mode2/13"],
    ["total_mdus 0", { totalMdus: 0n }, "deal/8"],
    ["a root of 47 bytes", { manifestRoot: point("a").subarray(0, 47) }, "deal/8"],
    ["an empty root", { manifestRoot: new Uint8Array(0) }, "deal/8"],
    ["infinity as root", { manifestRoot: Uint8Array.of(0xc0, ...new Uint8Array(47)) }, "deal/8"],
    ["a root without the compression flag", { manifestRoot: Uint8Array.of(0x00, ...point("a").subarray(1)) }, "deal/8"],
    ["a root whose x is not below the modulus", { manifestRoot: Uint8Array.of(0x9a, ...new Uint8Array(47).fill(0xff)) }, "deal/8"],
    ["a hash of 31 bytes", { mdu0Hash: new Uint8Array(31) }, "deal/8"],
    ["another root than was acked", { manifestRoot: point("b") }, "mode2/14"],
    ["another hash than was acked", { mdu0Hash: new Uint8Array(32) }, "mode2/14"],
    ["no acks", { acks: [] }, "mode2/15"],
  ])("refuses %s", (_, overrides, code) => {
    const world = new World().withProviders(6);
    const id = world.openDeal();
    const before = world.volume(id);
    expect(codeOf(world.commit({ ...world.content(id, "a"), ...overrides }))).toBe(code);
    expect(world.volume(id)).toEqual(before);
    expect(world.escrow.api.get(world.ctx(), id).rentPool).toBe("0");
  });

  it("refuses a commit before the slots are placed", () => {
    const world = new World().withProviders(6);
    world.createDeal();
    expect(codeOf(world.commit({ ...world.content(1n, "a", MDU, []), expectedGeneration: 0n }))).toBe("deal/4");
  });

  it("refuses the second of two commits of one block", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal();
    const [first, second] = [world.content(id, "a"), world.content(id, "b")];
    expect(codeOf(world.commit(first))).toBe("ok");
    expect(codeOf(world.commit(second))).toBe("mode2/10");
  });

  it("refuses what the balance cannot pay and changes nothing", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal({ initialEscrow: "7" });
    const before = [world.volume(id), world.escrow.api.get(world.ctx(), id)];
    expect(codeOf(world.commit(world.content(id, "a")))).toBe("escrow/4");
    expect([world.volume(id), world.escrow.api.get(world.ctx(), id)]).toEqual(before);
  });

  it("takes commits up to the block before the end and none in the last block", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal({ durationBlocks: 100n });
    const { endHeight } = world.deal.api.get(world.ctx(), id);
    world.nextBlock(Number(endHeight - 1n - world.height));
    expect(codeOf(world.commit(world.content(id, "a")))).toBe("ok");
    world.nextBlock();
    expect(codeOf(world.commit(world.content(id, "b")))).toBe("deal/5");
  });
});

describe("closing a deal", () => {
  it("refunds what is left the block after the last and leaves no key behind", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal({ durationBlocks: 100n });
    world.mustCommit(id, "a");
    const { endHeight } = world.deal.api.get(world.ctx(), id);
    world.nextBlock(Number(endHeight - world.height));
    expect(world.deal.api.isLive(world.ctx(), world.deal.api.get(world.ctx(), id))).toBe(true);
    expect(world.nextBlock()).toContain("EventDealClosed");
    expect(world.closings).toEqual([{ dealId: id }]);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - FEE);
    for (const api of [world.deal.api, world.mode2.api, world.escrow.api]) expect(api.find(world.ctx(), id)).toBeUndefined();
    const held = world.exportGenesis() as unknown as Record<string, Record<string, unknown[]>>;
    expect(held["escrow"]!["marks"]).toEqual([]);
    expect(held["mode2"]!["repairs"]).toEqual([]);
    expect(codeOf(world.commit({ ...world.content(world.openDeal(), "b"), dealId: id }))).toBe("deal/2");
  });

  it("tries again later when something holds the closing up, and then pays once", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal({ durationBlocks: 100n });
    world.onClosing = () => {
      throw sdkErr.InvalidRequest("a session is still open");
    };
    const { endHeight } = world.deal.api.get(world.ctx(), id);
    world.nextBlock(Number(endHeight + 1n - world.height));
    expect(world.deal.api.isLive(world.ctx(), world.deal.api.get(world.ctx(), id))).toBe(false);
    world.onClosing = () => undefined;
    expect(world.nextBlock(9)).not.toContain("EventDealClosed");
    expect(world.nextBlock(2).filter((name) => name === "EventDealClosed")).toHaveLength(1);
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - FEE);
  });
});

describe("parameters, queries and genesis", () => {
  const params = { minDurationBlocks: 10n, maxDurationBlocks: 20n, maxDuePerBlock: 1 };

  it.each([
    ["a stranger", STRANGER, params, "sdk/4"],
    ["no parameters", AUTHORITY, undefined, "deal/10"],
    ["a least duration of 1", AUTHORITY, { ...params, minDurationBlocks: 1n }, "deal/10"],
    ["the least above the most", AUTHORITY, { ...params, maxDurationBlocks: 9n }, "deal/10"],
    ["an empty queue budget", AUTHORITY, { ...params, maxDuePerBlock: 0 }, "deal/10"],
  ])("refuses an update by or with %s", (_, authority, given, code) => {
    const world = new World();
    expect(codeOf(world.send(world.deal, "updateParams", MsgUpdateParamsSchema, { authority, ...(given && { params: given }) }))).toBe(code);
  });

  it("exports what it was given, deals in both queues included", () => {
    const world = new World().withProviders(6);
    const id = world.openDeal();
    world.mustCommit(id, "a", MDU, [0, 1, 2, 3, 4]);
    world.createDeal();
    const exported = world.exportGenesis();
    const again = new World();
    again.state = new World().state;
    again.height = world.height;
    const ctx = again.ctx();
    for (const name of ["provider", "escrow"]) again.bank.mint(ctx, moduleAccount(name), world.bank.balance(world.ctx(), moduleAccount(name)));
    for (const module of again.modules) {
      module.parts.genesis.validate(exported[module.name] as never);
      module.parts.genesis.init(ctx, exported[module.name] as never);
    }
    again.assertInvariants();
    expect(again.exportGenesis()).toEqual(exported);
    // And the two go on alike: the same draw, the same deadline.
    world.nextBlock(205);
    again.nextBlock(205);
    expect(again.exportGenesis()).toEqual(world.exportGenesis());
  });

  it.each([
    ["a deal twice", (deals: object[]) => ({ deals: [deals[0], deals[0]], nextDealId: 9n })],
    ["a deal beyond the next id", (deals: object[]) => ({ deals, nextDealId: 1n })],
    ["a next id of 0", () => ({ deals: [], nextDealId: 0n })],
    ["an unknown status", (deals: object[]) => ({ deals: [{ ...deals[0], status: 9 }], nextDealId: 9n })],
    ["an end before the beginning", (deals: object[]) => ({ deals: [{ ...deals[0], endHeight: 1n }], nextDealId: 9n })],
  ])("refuses a genesis with %s", (_, broken) => {
    const deal = { id: 1n, owner: OWNER, status: Status.OPEN, createdHeight: 5n, endHeight: 50n, serviceHint: "", maxUserMdus: 1n, maxMonthlySpend: "0", publicRead: false };
    let code = "ok";
    try {
      new World({ deal: broken([deal]) });
    } catch (error) {
      code = `${(error as { codespace: string }).codespace}/${(error as { code: number }).code}`;
    }
    expect(code).toBe("deal/11");
  });
});
