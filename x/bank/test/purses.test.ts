import fc from "fast-check";
import { type ExecCtx, MAX_AMOUNT, addressToString, moduleAddress } from "nild/sdk";
import { execCtx, testAccount } from "nild/testing";
import { type BankApi, type Coin, bankModule } from "nild/x/bank";

const ACCOUNTS = { escrow: ["burner"], mint: ["minter"], plain: [] };
const address = (name: string): string => addressToString(moduleAddress(name));
const alice = testAccount("alice").address;
const unil = (amount: bigint): Coin[] => [{ denom: "unil", amount }];

function world(): { ctx: ExecCtx; bank: BankApi; accounts: Set<string>; holds(): undefined } {
  const accounts = new Set<string>();
  const module = bankModule(
    { auth: { ensure: (_ctx, who) => void accounts.add(who) }, moduleAccounts: ACCOUNTS, blocked: new Set([address("plain"), address("escrow")]) },
    { authority: "" },
  );
  const ctx = execCtx();
  const holds = (): undefined => {
    for (const [name, invariant] of Object.entries(module.parts.invariants)) expect([name, invariant(ctx)]).toEqual([name, undefined]);
  };
  return { ctx, bank: module.api, accounts, holds };
}

/** A world in which alice holds `amount`, minted. */
function funded(amount: bigint) {
  const it = world();
  const mint = it.bank.forMinter("mint");
  mint.mint(it.ctx, amount);
  mint.pay(it.ctx, alice, amount);
  return it;
}

const refused = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    const { codespace, code } = error as { codespace?: string; code?: number };
    return `${codespace}/${code}`;
  }
  return "accepted";
};

describe("capabilities are checked at wiring", () => {
  const { bank } = world();
  test.each([
    ["a module account that is not listed", () => bank.forModule("ghost")],
    ["a name from the prototype", () => bank.forModule("constructor")],
    ["burning without the permission", () => bank.forBurner("plain")],
    ["minting without the permission", () => bank.forMinter("escrow")],
  ])("%s", (_name, claim) => {
    expect(claim).toThrow(/module account/);
  });

  test("a plain purse has no mint and no burn", () => {
    expect(Object.keys(bank.forModule("escrow"))).toEqual(["address", "balance", "receive", "pay", "payModule"]);
  });
});

describe("a purse moves its own account only", () => {
  test("receive, pay, payModule, burn keep every unit accounted for", () => {
    const { ctx, bank, holds } = funded(1_000n);
    const escrow = bank.forBurner("escrow");
    escrow.receive(ctx, alice, 600n);
    escrow.pay(ctx, testAccount("bob").address, 100n);
    escrow.payModule(ctx, "plain", 200n);
    escrow.burn(ctx, 50n);
    expect([bank.balance(ctx, alice, "unil"), escrow.balance(ctx), bank.forModule("plain").balance(ctx), bank.supply(ctx, "unil")]).toEqual([400n, 250n, 200n, 950n]);
    holds();
  });

  test.each([
    ["receive more than the account has", (it: ReturnType<typeof world>) => it.bank.forModule("escrow").receive(it.ctx, alice, 1_001n), "sdk/5"],
    ["pay more than the module has", (it: ReturnType<typeof world>) => it.bank.forModule("escrow").pay(it.ctx, alice, 1n), "sdk/5"],
    ["burn more than the module has", (it: ReturnType<typeof world>) => it.bank.forBurner("escrow").burn(it.ctx, 1n), "sdk/5"],
    ["pay a blocked address", (it: ReturnType<typeof world>) => it.bank.forModule("mint").pay(it.ctx, address("escrow"), 1n), "sdk/4"],
    ["pay a module that does not exist", (it: ReturnType<typeof world>) => it.bank.forModule("mint").payModule(it.ctx, "ghost", 1n), "sdk/9"],
    ["pay a name from the prototype", (it: ReturnType<typeof world>) => it.bank.forModule("mint").payModule(it.ctx, "toString", 1n), "sdk/9"],
    ["zero", (it: ReturnType<typeof world>) => it.bank.forModule("escrow").receive(it.ctx, alice, 0n), "sdk/10"],
    ["a negative amount", (it: ReturnType<typeof world>) => it.bank.forModule("escrow").receive(it.ctx, alice, -1n), "sdk/10"],
    ["a negative burn", (it: ReturnType<typeof world>) => it.bank.forBurner("escrow").burn(it.ctx, -1n), "sdk/10"],
    ["B13 a supply over 256 bits", (it: ReturnType<typeof world>) => it.bank.forMinter("mint").mint(it.ctx, MAX_AMOUNT - 999n), "sdk/10"],
    ["pay a malformed address", (it: ReturnType<typeof world>) => { it.bank.forMinter("mint").mint(it.ctx, 1n); it.bank.forModule("mint").pay(it.ctx, "bob", 1n); }, "sdk/7"],
  ])("refuses to %s", (_name, work, code) => {
    expect(refused(() => work(funded(1_000n)))).toBe(code);
  });
});

test("whoever receives coins gets an account", () => {
  const { accounts } = funded(5n);
  expect([...accounts]).toEqual([address("mint"), alice]);
});

test("legacy events of mint, burn and transfer", () => {
  const { ctx, bank } = funded(5n);
  const escrow = bank.forBurner("escrow");
  escrow.receive(ctx, alice, 5n);
  escrow.burn(ctx, 2n);
  expect(ctx.events.map(({ type, attributes }) => `${type} ${attributes.map(({ key }) => key).join(",")}`)).toEqual([
    "coin_received receiver,amount",
    "coinbase minter,amount",
    ...["coin_spent spender,amount", "coin_received receiver,amount", "transfer recipient,sender,amount", "message sender"],
    ...["coin_spent spender,amount", "coin_received receiver,amount", "transfer recipient,sender,amount", "message sender"],
    "coin_spent spender,amount",
    "burn burner,amount",
  ]);
});

test("no history of transfers, mints and burns breaks an invariant", () => {
  const who = [alice, testAccount("bob").address, address("escrow")];
  const step = fc.record({ kind: fc.constantFrom("transfer", "mint", "burn"), from: fc.nat(2), to: fc.nat(2), amount: fc.bigInt(1n, 40n) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { ctx, bank, holds } = funded(100n);
      for (const { kind, from, to, amount } of steps) {
        // As in a transaction: a failed step leaves nothing.
        ctx.isolated((branch) => {
          if (kind === "transfer") bank.transfer(branch, who[from]!, who[to]!, unil(amount));
          if (kind === "mint") bank.forMinter("mint").mint(branch, amount);
          if (kind === "burn") bank.forBurner("escrow").burn(branch, amount);
        });
        holds();
      }
    }),
    { numRuns: 50 },
  );
});
