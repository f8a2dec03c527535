import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Query } from "nild/gen/vault/v1/query_pb.js";
import { Msg } from "nild/gen/vault/v1/tx_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import { type Fixture, fixture, testAccount } from "nild/testing";
import { AUTHORITY, vaultChain } from "../app.js";

// #region chain
const alice = testAccount("alice").address;
const coins = (amount: bigint) => [{ denom: "unil", amount: `${amount}` }];
const bank = { params: { default_send_enabled: true }, balances: [{ address: alice, coins: coins(1_000_000n) }] };

const newChain = (): Promise<Fixture> => fixture({ app: vaultChain }).genesis({ bank });
const balance = (chain: Fixture): bigint => BigInt(chain.query(BankQuery.method.balance, { address: alice, denom: "unil" }).balance!.amount);

test("a signed lock is paid back when its height is reached", async () => {
  const chain = await newChain();
  const { id, releaseHeight } = await chain.must(Msg.method.lock, { owner: alice, amount: "500000", blocks: 3n }, { from: "alice" });
  expect({ id, releaseHeight, height: chain.height }).toEqual({ id: 1n, releaseHeight: 5n, height: 2n });
  expect(balance(chain)).toBe(499_000n); // the fee was 1,000
  const { events } = await chain.nextBlock(3);
  expect(events.map(({ type }) => type)).toContain("vault.v1.EventReleased");
  expect(balance(chain)).toBe(999_000n);
});
// #endregion

test("only the authority changes parameters; the fee is taken all the same", async () => {
  const chain = await newChain();
  const result = await chain.run(Msg.method.updateParams.input, { authority: alice, params: { maxBlocks: 5n, maxReleasesPerBlock: 1 } }, { from: "alice" });
  expect({ codespace: result.codespace, code: result.code }).toEqual({ codespace: "sdk", code: 4 });
  expect(chain.query(Query.method.params, {}).params!.maxBlocks).toBe(1_000_000n);
  expect(balance(chain)).toBe(999_000n);
  expect(AUTHORITY).toBe(addressToString(moduleAddress("governance")));
});

test("a message that is wrong in itself costs nothing", async () => {
  const chain = await newChain();
  const result = await chain.run(Msg.method.lock.input, { owner: alice, amount: "0", blocks: 3n }, { from: "alice" });
  expect({ codespace: result.codespace, code: result.code }).toEqual({ codespace: "vault", code: 3 });
  expect(balance(chain)).toBe(1_000_000n);
});

test("another account cannot sign for the owner", async () => {
  const chain = await fixture({ app: vaultChain }).genesis({ bank: { ...bank, balances: [...bank.balances, { address: testAccount("bob").address, coins: coins(5_000n) }] } });
  const result = await chain.run(Msg.method.lock.input, { owner: alice, amount: "5", blocks: 3n }, { from: "bob" });
  expect(result.code).not.toBe(0);
  expect(chain.query(Query.method.locksByOwner, { owner: alice }).locks).toEqual([]);
});

test("locks of an owner come in pages", async () => {
  const chain = await newChain();
  for (let i = 0; i < 3; i++) await chain.must(Msg.method.lock, { owner: alice, amount: "1", blocks: 100n }, { from: "alice" });
  const first = chain.query(Query.method.locksByOwner, { owner: alice, pagination: { limit: 2n } });
  const rest = chain.query(Query.method.locksByOwner, { owner: alice, pagination: { limit: 2n, key: first.pagination!.nextKey } });
  expect([first, rest].map(({ locks }) => locks.map(({ id }) => id))).toEqual([[1n, 2n], [3n]]);
  expect(rest.pagination!.nextKey).toHaveLength(0);
});

// #region export
test("an exported genesis starts the same chain", async () => {
  const chain = await newChain();
  for (const blocks of [3n, 90n]) await chain.must(Msg.method.lock, { owner: alice, amount: "10", blocks }, { from: "alice" });
  const appState = new TextEncoder().encode(chain.app.exportGenesis());
  const copy = fixture({ app: vaultChain });
  copy.initChain(appState, chain.height + 1n);
  copy.height = chain.height;
  await copy.nextBlock(3);
  expect(copy.query(Query.method.locksByOwner, { owner: alice }).locks.map(({ id }) => id)).toEqual([2n]);
});
// #endregion

test("a restart goes on where the chain stood", async () => {
  const chain = await newChain();
  await chain.must(Msg.method.lock, { owner: alice, amount: "10", blocks: 3n }, { from: "alice" });
  const hash = chain.app.info().lastBlockAppHash;
  const again = chain.restart();
  expect(again.app.info().lastBlockAppHash).toEqual(hash);
  expect((await again.nextBlock(3)).events.map(({ type }) => type)).toContain("vault.v1.EventReleased");
});
