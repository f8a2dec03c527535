import { create } from "@bufbuild/protobuf";
import { RepairCause, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { amount } from "nild/sdk";
import { challengeModule } from "nild/x/challenge";
import { DEFAULT_PARAMS as ESCROW_PARAMS } from "../../escrow/params.js";
import { FakeBank, moduleAccount } from "./fake_bank.js";
import { EPOCH_BLOCKS, MDU, OWNER, RICH, World, epochApi } from "./world.js";

/** The storage modules with the real challenge clock on their hooks. Nobody answers: every verdict is MISSING. */
class ChallengedWorld extends World {
  readonly challenge = challengeModule(
    { epoch: epochApi, mode2: this.mode2.api, provider: this.provider.api, escrow: this.escrow.api },
    { authority: moduleAccount("governance") },
  );

  constructor() {
    super({ escrow: { params: { ...ESCROW_PARAMS, storagePrice: "0.001" } } });
    const { genesis } = this.challenge.parts;
    genesis.init(this.ctx(), create(this.challenge.genesisSchema, genesis.default()) as never);
    this.modules.unshift(this.challenge);
    this.onSlotChanging = (ctx, event) => this.challenge.api.slotChanging(ctx, event);
    this.onClosing = (ctx, event) => this.challenge.api.dealClosing(ctx, event);
  }
}

describe("a deal under challenge", () => {
  it("of silent providers loses their slots one repair after another, pays nobody, and gives the rent back", () => {
    const world = new ChallengedWorld().withProviders(9);
    const dealId = world.openDeal({ durationBlocks: 600n });
    world.mustCommit(dealId, "a", MDU);
    const { rentPool } = world.escrow.api.get(world.ctx(), dealId);
    expect(amount(rentPool) > 0n).toBe(true);

    const events = world.nextBlock(200);
    expect(events).toContain("EventVerdict");
    expect(events).toContain("EventRentReturned");
    expect(events).toContain("EventCandidateDrawn");
    expect(events).not.toContain("EventRentPaid");
    const repairing = world.volume(dealId).slots.filter((slot) => slot.status === SlotStatus.REPAIRING);
    expect(repairing).toHaveLength(2);
    for (const slot of repairing) expect(slot.repairCause).toBe(RepairCause.EVICTED);

    world.nextBlock(600);
    expect(world.deal.api.find(world.ctx(), dealId)).toBeUndefined();
    expect(world.bank.balance(world.ctx(), OWNER)).toBe(RICH - amount(ESCROW_PARAMS.dealCreationFee));
    expect(world.bank.balance(world.ctx(), FakeBank.burned)).toBe(0n);
    expect(world.bank.balance(world.ctx(), moduleAccount("escrow"))).toBe(0n);
  });

  it("puts a promoted slot back on the clock and an unacked one on it only with its proof", () => {
    const world = new ChallengedWorld().withProviders(9);
    const dealId = world.openDeal();
    world.mustCommit(dealId, "a", MDU, [0, 1, 2, 3, 4]);
    const challenged = (): number[] => {
      const { records } = world.challenge.parts.genesis.export(world.ctx()) as unknown as { records: { slot: number }[] };
      return records.map(({ slot }) => slot);
    };
    expect(challenged()).toEqual([0, 1, 2, 3, 4]);
    world.proveReadiness(world.readiness(dealId, 5));
    expect(challenged()).toEqual([0, 1, 2, 3, 4, 5]);
    world.must((ctx) => world.mode2.api.startRepair(ctx, dealId, 2, RepairCause.EVICTED));
    expect(challenged()).toEqual([0, 1, 3, 4, 5]);
    world.nextBlock(Number(EPOCH_BLOCKS));
    world.proveReadiness(world.readiness(dealId, 2));
    expect(challenged()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
