import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { MsgRegisterProviderSchema, MsgUpdateParamsSchema } from "nild/gen/nil/provider/v1/tx_pb.js";
import { type Provider, Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { AUTHORITY, RICH, STRANGER, World, codeOf, providerAddress } from "../../deal/test/world.js";
import { moduleAccount } from "../../deal/test/fake_bank.js";
import { DEFAULT_PARAMS } from "../params.js";

const GIB = 1n << 30n;

describe("registering", () => {
  it("locks the bond and lets draws begin one full epoch later", () => {
    const world = new World();
    world.nextBlock(7);
    const registered = world.register(0);
    expect(registered.ok && registered.value).toEqual({ drawableFromEpoch: 2n });
    expect(world.bank.balance(world.ctx(), providerAddress(0))).toBe(RICH - 5_000_000_000n);
    expect(world.bank.balance(world.ctx(), moduleAccount("provider"))).toBe(5_000_000_000n);
    const provider = world.provider.api.get(world.ctx(), providerAddress(0));
    expect(provider).toMatchObject({ status: Status.ACTIVE, health: 1000, usedBytes: 0n, registeredHeight: 8n });
    expect(world.provider.api.canTake(world.ctx(), providerAddress(0), 1n, 1n)).toBe(false);
    expect(world.provider.api.canTake(world.ctx(), providerAddress(0), 1n, 2n)).toBe(true);
  });

  it.each([
    ["a bond of 0", { bond: "0" }, "provider/4"],
    ["a bond below the least", { bond: "999999999" }, "provider/4"],
    ["a bond that is no number", { bond: "1e9" }, "sdk/10"],
    ["a bond over the balance", { bond: `${RICH + 1n}` }, "sdk/5"],
    ["no capability", { capability: 0 }, "provider/5"],
    ["an unknown capability", { capability: 4 }, "provider/5"],
    ["no room", { totalBytes: 0n }, "provider/6"],
    ["no endpoint", { endpoints: [] }, "provider/7"],
    ["nine endpoints", { endpoints: Array.from({ length: 9 }, (_, i) => `/dns/p${i}.example.com/tcp/80/http`) }, "provider/7"],
    ["an endpoint twice", { endpoints: ["/dns/a.example.com/tcp/80/http", "/dns/a.example.com/tcp/80/http"] }, "provider/7"],
    ["an endpoint that is no multiaddr", { endpoints: ["http://example.com"] }, "provider/7"],
    ["a loopback endpoint among public ones", { endpoints: ["/dns/a.example.com/tcp/80/http", "/ip4/127.0.0.1/tcp/80/http"] }, "provider/8"],
    ["a domain with a slash", { failureDomain: { asn: "AS1/x", region: "eu" } }, "provider/9"],
    ["a domain of 33 characters", { failureDomain: { asn: "AS1", region: "e".repeat(33) } }, "provider/9"],
    ["a key of 31 bytes", { responseKey: new Uint8Array(31) }, "sdk/8"],
    ["a small-order key", { responseKey: Uint8Array.of(1, ...new Uint8Array(31)) }, "sdk/8"],
    ["a key that is no point", { responseKey: new Uint8Array(32).fill(2) }, "sdk/8"],
    ["an address of another prefix", { operator: "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnnx4pw0" }, "sdk/7"],
  ])("refuses %s", (_, overrides, code) => {
    const world = new World();
    expect(codeOf(world.register(0, overrides))).toBe(code);
    expect(world.provider.api.candidateCount(world.ctx())).toBe(0);
    expect(world.bank.balance(world.ctx(), moduleAccount("provider"))).toBe(0n);
  });

  it("refuses a 32-byte address, for which no proof can be drawn", () => {
    const world = new World();
    const long = "nil1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs0kqv3w";
    expect(codeOf(world.register(0, { operator: long }))).toBe("sdk/7");
  });

  it("looks whether a key is of prime order when gas is paid, not when the message is validated", () => {
    const world = new World();
    const msg = create(MsgRegisterProviderSchema, world.registration(0, { responseKey: new Uint8Array(32).fill(2) }));
    expect(() => world.provider.parts.validate["registerProvider"]!(msg as never)).not.toThrow();
    const outcome = world.ctx().isolated((ctx) => world.provider.parts.msgs["registerProvider"]!(ctx, msg as never), { gasLimit: 900_000n });
    expect(codeOf(outcome)).toBe("sdk/11");
  });

  it("refuses a second registration", () => {
    const world = new World();
    world.register(0);
    expect(codeOf(world.register(0))).toBe("provider/3");
  });

  it("takes private endpoints where the parameters allow them", () => {
    const world = new World({ provider: { params: { ...DEFAULT_PARAMS, allowPrivateEndpoints: true } } });
    expect(codeOf(world.register(0, { endpoints: ["/ip4/127.0.0.1/tcp/8190/http"] }))).toBe("ok");
  });
});

describe("capacity and bond", () => {
  it.each([
    ["all capacity", { totalBytes: 3n * GIB, bond: "9000000000" }, 3n * GIB, true],
    ["a byte over capacity", { totalBytes: 3n * GIB, bond: "9000000000" }, 3n * GIB + 1n, false],
    ["what the bond covers: min_bond + 2 GiB", { totalBytes: 9n * GIB, bond: "1200000000" }, 2n * GIB, true],
    ["a started GiB over the bond", { totalBytes: 9n * GIB, bond: "1200000000" }, 2n * GIB + 1n, false],
    ["a byte on the bare minimum", { totalBytes: 9n * GIB, bond: "1000000000" }, 1n, false],
  ])("%s", (_, overrides, bytes, fits) => {
    const world = new World();
    world.register(0, overrides);
    expect(world.provider.api.canHold(world.ctx(), providerAddress(0), bytes)).toBe(fits);
  });

  it("counts what is assigned, resized and released", () => {
    const world = new World();
    world.register(0, { totalBytes: 10n });
    const { api } = world.provider;
    const ctx = world.ctx();
    api.assign(ctx, providerAddress(0), 4n);
    api.assign(ctx, providerAddress(0), 3n);
    api.resize(ctx, providerAddress(0), 4n, 6n);
    expect(api.get(ctx, providerAddress(0))).toMatchObject({ usedBytes: 9n, assignedSlots: 2 });
    expect(api.canHold(ctx, providerAddress(0), 2n)).toBe(false);
    api.release(ctx, providerAddress(0), 6n);
    expect(api.get(ctx, providerAddress(0))).toMatchObject({ usedBytes: 3n, assignedSlots: 1 });
    expect(() => api.release(ctx, providerAddress(0), 4n)).toThrow("releases more");
  });
});

describe("slashing and health", () => {
  const registered = (): World => {
    const world = new World();
    world.register(0, { bond: "1500000000" });
    return world;
  };
  const find = (world: World): Provider => world.provider.api.get(world.ctx(), providerAddress(0));

  it("burns part of the bond and keeps the status while the least bond is left", () => {
    const world = registered();
    const before = world.bank.supply(world.ctx());
    expect(world.must((ctx) => world.provider.api.slash(ctx, providerAddress(0), 500_000_000n, "test"))).toBe(500_000_000n);
    expect(find(world)).toMatchObject({ bond: "1000000000", slashed: "500000000", status: Status.ACTIVE });
    expect(world.bank.balance(world.ctx(), moduleAccount("burned"))).toBe(500_000_000n);
    expect(world.bank.supply(world.ctx())).toBe(before);
  });

  it("jails below the least bond, clamps to the bond, and slashes nothing of nothing", () => {
    const world = registered();
    world.must((ctx) => world.provider.api.slash(ctx, providerAddress(0), 500_000_001n, "test"));
    expect(find(world).status).toBe(Status.JAILED);
    expect(world.provider.api.candidateCount(world.ctx())).toBe(0);
    expect(world.statusChanges).toEqual([{ provider: providerAddress(0), from: Status.ACTIVE, to: Status.JAILED }]);
    expect(world.must((ctx) => world.provider.api.slash(ctx, providerAddress(0), 10n ** 30n, "test"))).toBe(999_999_999n);
    expect(world.must((ctx) => world.provider.api.slash(ctx, providerAddress(0), 1n, "test"))).toBe(0n);
    expect(find(world)).toMatchObject({ bond: "0", slashed: "1500000000" });
    expect(world.statusChanges).toHaveLength(1);
  });

  it("follows the slots' health by sixteenths and jails below 400", () => {
    const world = registered();
    const record = (slotHealth: number, onTime: boolean): void => world.must((ctx) => world.provider.api.recordVerdict(ctx, providerAddress(0), { onTime, slotHealth }));
    record(1000, true);
    expect(find(world)).toMatchObject({ health: 1000, verdictsDue: 1n, verdictsOnTime: 1n });
    record(0, false);
    expect(find(world).health).toBe(937);
    // 937 → 878 → 823 → … → 400 after 14 missing answers in a row; the 15th jails.
    for (let i = 2; i <= 14; i++) record(0, false);
    expect(find(world)).toMatchObject({ health: 400, status: Status.ACTIVE });
    record(0, false);
    expect(find(world)).toMatchObject({ health: 375, status: Status.JAILED, verdictsDue: 16n, verdictsOnTime: 1n });
    record(1000, true);
    expect(find(world).status).toBe(Status.JAILED);
  });

  it.each(["get", "slash", "recordVerdict", "assign"] as const)("%s of a stranger is provider/2", (call) => {
    const world = registered();
    const { api } = world.provider;
    const calls = {
      get: (ctx: never) => api.get(ctx, STRANGER),
      slash: (ctx: never) => api.slash(ctx, STRANGER, 1n, "test"),
      recordVerdict: (ctx: never) => api.recordVerdict(ctx, STRANGER, { onTime: true, slotHealth: 1000 }),
      assign: (ctx: never) => api.assign(ctx, STRANGER, 1n),
    };
    expect(codeOf(world.act((ctx) => calls[call](ctx as never)))).toBe("provider/2");
  });
});

describe("the array of candidates", () => {
  it("stays dense while providers come and go in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 8 }), (leaving) => {
        const world = new World();
        for (let i = 0; i < 8; i++) world.register(i);
        const active = new Set(Array.from({ length: 8 }, (_, i) => providerAddress(i)));
        for (const i of leaving) {
          world.must((ctx) => world.provider.api.slash(ctx, providerAddress(i), 10n ** 10n, "test"));
          active.delete(providerAddress(i));
        }
        const { api } = world.provider;
        const array = Array.from({ length: api.candidateCount(world.ctx()) }, (_, i) => api.candidateAt(world.ctx(), i));
        expect(new Set(array)).toEqual(active);
        expect(array).toHaveLength(active.size);
      }),
      { numRuns: 25 },
    );
  });

  it("has no index beyond its end", () => {
    const world = new World();
    world.register(0);
    expect(codeOf(world.act((ctx) => world.provider.api.candidateAt(ctx, 1)))).toBe("provider/2");
  });
});

describe("parameters, queries and genesis", () => {
  it.each([
    ["a stranger", STRANGER, DEFAULT_PARAMS, "sdk/4"],
    ["nothing", AUTHORITY, undefined, "provider/10"],
    ["a free bond", AUTHORITY, { ...DEFAULT_PARAMS, minBond: "0" }, "provider/10"],
    ["a negative bond", AUTHORITY, { ...DEFAULT_PARAMS, bondPerGib: "-1" }, "sdk/10"],
    ["no unbonding", AUTHORITY, { ...DEFAULT_PARAMS, unbondingBlocks: 0n }, "provider/10"],
    ["health over 1000", AUTHORITY, { ...DEFAULT_PARAMS, jailBelowHealth: 1001 }, "provider/10"],
  ])("refuses an update by or with %s", (_, authority, params, code) => {
    const world = new World();
    expect(codeOf(world.send(world.provider, "updateParams", MsgUpdateParamsSchema, { authority, ...(params && { params }) }))).toBe(code);
  });

  it("pages by status, in address order, without a gap or a repeat", () => {
    const world = new World();
    for (let i = 0; i < 7; i++) world.register(i);
    world.must((ctx) => world.provider.api.slash(ctx, providerAddress(3), 10n ** 10n, "test"));
    const list = (status: Status): string[] => {
      const found: string[] = [];
      let key = new Uint8Array(0);
      do {
        const page = world.provider.parts.queries["providers"]!(world.ctx(), { status, pagination: { key, offset: 0n, limit: 2n, countTotal: false, reverse: false } } as never) as {
          providers: Provider[];
          pagination: { nextKey: Uint8Array<ArrayBuffer> };
        };
        found.push(...page.providers.map(({ address }) => address));
        key = page.pagination.nextKey;
      } while (key.length > 0);
      return found;
    };
    expect(list(Status.UNSPECIFIED)).toHaveLength(7);
    expect(new Set(list(Status.UNSPECIFIED)).size).toBe(7);
    expect(list(Status.JAILED)).toEqual([providerAddress(3)]);
    expect(list(Status.ACTIVE)).toHaveLength(6);
    expect(list(Status.EXITED)).toEqual([]);
  });

  it.each([
    ["both key and offset", { key: Uint8Array.of(20), offset: 1n }, "sdk/18"],
    ["a forged key", { key: Uint8Array.of(1, 2, 3), offset: 0n }, "sdk/18"],
    ["an endless offset", { key: new Uint8Array(0), offset: (1n << 64n) - 1n }, "sdk/18"],
    ["a total", { key: new Uint8Array(0), offset: 0n, countTotal: true }, "sdk/37"],
  ])("refuses a page with %s", (_, pagination, code) => {
    const world = new World();
    const query = () => world.provider.parts.queries["providers"]!(world.ctx(), { status: 0, pagination: { limit: 1n, countTotal: false, reverse: false, ...pagination } } as never);
    expect(codeOf(world.act(query))).toBe(code);
  });

  const genesisOf = (world: World): { params: object; providers: Provider[]; candidates: string[] } => world.exportGenesis()["provider"] as never;
  const codeOfGenesis = (world: World, genesis: object): string => codeOf(world.act(() => world.provider.parts.genesis.validate(genesis as never)));

  it.each<[string, (genesis: ReturnType<typeof genesisOf>) => object]>([
    ["a provider twice", (g) => ({ ...g, providers: [g.providers[0], g.providers[0]] })],
    ["providers out of order", (g) => ({ ...g, providers: [...g.providers].reverse() })],
    ["an ACTIVE provider that is no candidate", (g) => ({ ...g, candidates: g.candidates.slice(1) })],
    ["a candidate twice", (g) => ({ ...g, candidates: [g.candidates[0], g.candidates[0]] })],
    ["a stranger as candidate", (g) => ({ ...g, candidates: [...g.candidates, STRANGER] })],
    ["a health over 1000", (g) => ({ ...g, providers: g.providers.map((p) => ({ ...p, health: 1001 })) })],
    ["an unknown status", (g) => ({ ...g, providers: g.providers.map((p) => ({ ...p, status: 9 })) })],
    ["bytes without a slot", (g) => ({ ...g, providers: g.providers.map((p) => ({ ...p, usedBytes: 1n })) })],
  ])("refuses a genesis with %s", (_, broken) => {
    const world = new World();
    world.register(0);
    world.register(1);
    expect(codeOfGenesis(world, genesisOf(world))).toBe("ok");
    expect(codeOfGenesis(world, broken(genesisOf(world)))).toBe("provider/11");
  });

  it("refuses a genesis whose bonds the module does not hold", () => {
    const world = new World();
    world.register(0);
    const init = () => new World({ provider: genesisOf(world) });
    expect(init).toThrow(expect.objectContaining({ codespace: "provider", code: 11 }));
  });
});
