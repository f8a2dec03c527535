import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { GenesisStateSchema } from "nild/gen/vault/v1/genesis_pb.js";
import { Query } from "nild/gen/vault/v1/query_pb.js";
import { Msg } from "nild/gen/vault/v1/tx_pb.js";
import { type ExecCtx, SdkError, sdkErr } from "nild/sdk";
import { callMsg, callQuery, execCtx, testAccount, testState } from "nild/testing";
import { vaultModule } from "../index.js";

const alice = testAccount("alice").address;
const bob = testAccount("bob").address;

// #region fake
/** Accounts of unil; it can refuse to pay somebody. */
class FakeBank {
  readonly accounts = new Map([[alice, 1_000n], ["vault", 0n]]);
  refuses: string | undefined;

  balance = (): bigint => this.accounts.get("vault")!;
  receive = (_ctx: ExecCtx, from: string, amount: bigint): undefined => this.#move(from, "vault", amount);
  pay = (_ctx: ExecCtx, to: string, amount: bigint): undefined => {
    if (to === this.refuses) throw sdkErr.Unauthorized(`${to} is not allowed to receive funds`);
    return this.#move("vault", to, amount);
  };

  #move(from: string, to: string, amount: bigint): undefined {
    const held = this.accounts.get(from) ?? 0n;
    if (held < amount) throw sdkErr.InsufficientFunds(`${held} is smaller than ${amount}`);
    this.accounts.set(from, held - amount);
    this.accounts.set(to, (this.accounts.get(to) ?? 0n) + amount);
  }
}

/** The module on an empty state with a fake bank: no application, no transactions. */
class Vault {
  readonly bank = new FakeBank();
  readonly state = testState();
  readonly module = vaultModule({ bank: this.bank }, { authority: bob });

  constructor(params = { maxBlocks: 100n, maxReleasesPerBlock: 10 }) {
    this.module.parts.genesis.init(this.at(0n), create(GenesisStateSchema, { params, nextId: 1n }));
  }

  at(height: bigint): ExecCtx {
    return execCtx({ state: this.state, height });
  }

  lock(height: bigint, amount: string, blocks: bigint, owner = alice): object {
    return callMsg(this.module, this.at(height), Msg.method.lock, { owner, amount, blocks });
  }

  extend(height: bigint, id: bigint, blocks: bigint, owner = alice): object {
    return callMsg(this.module, this.at(height), Msg.method.extend, { owner, id, blocks });
  }

  /** Ends a block; the types of its events. */
  endBlock(height: bigint): string[] {
    const ctx = this.at(height);
    this.module.parts.endBlock!(ctx);
    for (const invariant of Object.values(this.module.parts.invariants)) expect(invariant(ctx)).toBeUndefined();
    return ctx.events.map(({ type }) => type);
  }
}
// #endregion

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
  return "no error";
}

// #region refusals
test.each<[string, (vault: Vault) => unknown, string]>([
  ["no coins", (vault) => vault.lock(1n, "0", 5n), "vault/3"],
  ["negative coins", (vault) => vault.lock(1n, "-5", 5n), "sdk/10"],
  ["hex", (vault) => vault.lock(1n, "0x10", 5n), "sdk/10"],
  ["more than the owner has", (vault) => vault.lock(1n, "1001", 5n), "sdk/5"],
  ["no time", (vault) => vault.lock(1n, "5", 0n), "vault/4"],
  ["one block too long", (vault) => vault.lock(1n, "5", 101n), "vault/4"],
  ["2^64 - 1 blocks", (vault) => vault.lock(1n, "5", (1n << 64n) - 1n), "vault/4"],
  ["no address", (vault) => vault.lock(1n, "5", 5n, "alice"), "sdk/7"],
  ["asking for no lock", (vault) => callQuery(vault.module, vault.at(2n), Query.method.lock, { id: 9n }), "vault/2"],
  ["asking for no address", (vault) => callQuery(vault.module, vault.at(2n), Query.method.locksByOwner, { owner: "alice" }), "sdk/7"],
  ["extending nothing", (vault) => vault.extend(1n, 9n, 5n), "vault/2"],
  ["extending somebody else's lock", (vault) => vault.extend(2n, 1n, 5n, bob), "vault/5"],
  ["extending by nothing", (vault) => vault.extend(2n, 1n, 0n), "vault/4"],
  ["extending beyond the limit", (vault) => vault.extend(2n, 1n, 97n), "vault/4"],
])("refuses %s", (_name, work, code) => {
  const vault = new Vault();
  vault.lock(1n, "100", 5n);
  const before = vault.module.parts.genesis.export(vault.at(2n));
  expect(codeOf(() => work(vault))).toBe(code);
  expect(vault.module.parts.genesis.export(vault.at(2n))).toEqual(before);
  expect(vault.bank.accounts.get(alice)).toBe(900n);
});
// #endregion

test("coins come back at the release height, not before", () => {
  const vault = new Vault();
  expect(vault.lock(1n, "100", 5n)).toMatchObject({ id: 1n, releaseHeight: 6n });
  expect(vault.endBlock(5n)).toEqual([]);
  expect(vault.bank.accounts.get(alice)).toBe(900n);
  expect(vault.endBlock(6n)).toEqual(["vault.v1.EventReleased"]);
  expect(vault.bank.accounts.get(alice)).toBe(1_000n);
});

test("an extended lock moves in the queue", () => {
  const vault = new Vault();
  vault.lock(1n, "100", 5n);
  expect(vault.extend(3n, 1n, 4n)).toMatchObject({ releaseHeight: 10n });
  expect(vault.endBlock(9n)).toEqual([]);
  expect(vault.endBlock(10n)).toEqual(["vault.v1.EventReleased"]);
});

// #region bad item
test("one lock that cannot be paid harms no other and is not tried again until its owner extends it", () => {
  const vault = new Vault();
  vault.bank.accounts.set(bob, 50n);
  vault.lock(1n, "50", 5n, bob);
  vault.lock(1n, "100", 5n);
  vault.bank.refuses = bob;
  expect(vault.endBlock(6n)).toEqual(["vault.v1.EventReleaseFailed", "vault.v1.EventReleased"]);
  expect(vault.endBlock(7n)).toEqual([]);
  expect(vault.module.api.find(vault.at(7n), 1n)).toMatchObject({ owner: bob, amount: "50", failed: true });
  vault.bank.refuses = undefined;
  vault.extend(8n, 1n, 1n, bob);
  expect(vault.endBlock(9n)).toEqual(["vault.v1.EventReleased"]);
  expect(vault.bank.accounts.get(bob)).toBe(50n);
});

test("a long queue is released over several blocks, oldest first", () => {
  const vault = new Vault({ maxBlocks: 100n, maxReleasesPerBlock: 2 });
  for (let i = 0; i < 5; i++) vault.lock(1n, "1", 5n);
  expect([6n, 7n, 8n, 9n].map((height) => vault.endBlock(height).length)).toEqual([2, 2, 1, 0]);
});
// #endregion

// #region property
test("whatever is locked and extended, every coin comes back", () => {
  const step = fc.record({ amount: fc.integer({ min: 1, max: 400 }), blocks: fc.integer({ min: 1, max: 40 }), extendId: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const vault = new Vault({ maxBlocks: 50n, maxReleasesPerBlock: 2 });
      let height = 1n;
      for (const { amount, blocks, extendId } of steps) {
        const codes = [codeOf(() => vault.lock(height, `${amount}`, BigInt(blocks))), codeOf(() => vault.extend(height, BigInt(extendId), BigInt(blocks)))];
        for (const code of codes) expect(["no error", "sdk/5", "vault/2", "vault/4"]).toContain(code);
        vault.endBlock(height++);
      }
      for (const end = height + 60n; height < end; height++) vault.endBlock(height);
      expect(vault.bank.accounts.get(alice)).toBe(1_000n);
      expect(vault.bank.balance()).toBe(0n);
    }),
    { numRuns: 50, seed: 1 },
  );
});
// #endregion

test("coins that are missing break the invariant", () => {
  const vault = new Vault();
  vault.lock(1n, "100", 5n);
  vault.bank.accounts.set("vault", 99n);
  expect(vault.module.parts.invariants.locks_held!(vault.at(1n))).toContain("100");
});

describe("genesis", () => {
  const { genesis } = new Vault().module.parts;
  const params = { maxBlocks: 100n, maxReleasesPerBlock: 10 };
  const lock = { id: 1n, owner: alice, amount: "5", releaseHeight: 9n };
  test.each([
    ["no parameters", { nextId: 1n }, "vault/6"],
    ["a limit of 0 blocks", { params: { ...params, maxBlocks: 0n }, nextId: 1n }, "vault/6"],
    ["no release per block", { params: { ...params, maxReleasesPerBlock: 0 }, nextId: 1n }, "vault/6"],
    ["next id 0", { params, nextId: 0n }, "vault/7"],
    ["a lock whose id is still to come", { params, locks: [lock], nextId: 1n }, "vault/7"],
    ["a lock twice", { params, locks: [lock, lock], nextId: 2n }, "vault/7"],
    ["a lock of nothing", { params, locks: [{ ...lock, amount: "0" }], nextId: 2n }, "vault/7"],
    ["a lock without a height", { params, locks: [{ ...lock, releaseHeight: 0n }], nextId: 2n }, "vault/7"],
    ["an owner that is no address", { params, locks: [{ ...lock, owner: "alice" }], nextId: 2n }, "sdk/7"],
  ])("refuses %s", (_name, init, code) => {
    expect(codeOf(() => genesis.validate(create(GenesisStateSchema, init)))).toBe(code);
  });

  test("refuses locks that the module account does not cover", () => {
    const vault = new Vault();
    const state = create(GenesisStateSchema, { params, locks: [lock], nextId: 2n });
    expect(codeOf(() => vault.module.parts.genesis.init(execCtx(), state))).toBe("vault/7");
  });
});
