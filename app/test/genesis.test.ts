import { addGenesisAccount, newAppState, validateAppState } from "nild/app";
import { SdkError, addressToString, moduleAddress } from "nild/sdk";
import { type Fixture, TEST_CONSENSUS, genesisJson, testAccount } from "nild/testing";
import { bankSection, chain, newChain, sendTx, unil } from "./chain.js";

/* Group G of the bad-input catalogue as far as app_state goes, and export ∘ init = identity. */

const alice = testAccount("alice").address;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Code and the JSON path that a refused genesis names; the state must stay empty. */
function refused(appState: Uint8Array): { code: string; path: string } {
  const nild = newChain();
  try {
    nild.initChain(appState);
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    expect(nild.app.info().lastBlockHeight).toBe(0n);
    const [path] = error.detail.replace(/^genesis app_state: /, "").split(": ");
    return { code: `${error.codespace}/${error.code}`, path: path! };
  }
  throw new Error("the genesis was accepted");
}

const bank = (section: object): Uint8Array => genesisJson({ bank: { ...bankSection({}), ...section } });
const base = (fields: object): object => ({ "@type": "/cosmos.auth.v1beta1.BaseAccount", address: alice, ...fields });
const auth = (...accounts: object[]): Uint8Array =>
  genesisJson({ auth: { params: { max_memo_characters: "256", tx_sig_limit: "7", tx_size_cost_per_byte: "10", sig_verify_cost_ed25519: "590", sig_verify_cost_secp256k1: "1000" }, accounts } });

describe("form", () => {
  test.each([
    ["G1 not JSON", utf8("{"), "sdk/17", "document"],
    ["G1 empty", utf8(""), "sdk/17", "document"],
    ["G1 not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), "sdk/17", "document"],
    ["G1 text after the end", utf8("{} {}"), "sdk/17", "document"],
    ["G1 duplicate section", utf8('{"bank":{},"bank":{}}'), "sdk/17", "bank"],
    ["G1 duplicate field", utf8('{"bank":{"params":{"default_send_enabled":true,"default_send_enabled":true}}}'), "sdk/17", "bank.params.default_send_enabled"],
    ["G1 1e400", utf8('{"auth":{"params":{"tx_sig_limit":1e400}}}'), "sdk/17", "auth.params.tx_sig_limit"],
    ["G1 a fraction", utf8('{"auth":{"params":{"tx_sig_limit":1.5}}}'), "sdk/17", "auth.params.tx_sig_limit"],
    ["G2 a bare number above 2^53", utf8('{"auth":{"params":{"tx_sig_limit":9007199254740993}}}'), "sdk/17", "auth.params.tx_sig_limit"],
    ["a 64-bit value above its width", utf8('{"auth":{"params":{"tx_sig_limit":"18446744073709551616"}}}'), "sdk/17", "auth.params.tx_sig_limit"],
    ["a leading zero", utf8('{"auth":{"params":{"tx_sig_limit":"07"}}}'), "sdk/17", "auth.params.tx_sig_limit"],
    ["G9 unknown section", utf8('{"nothing":{}}'), "sdk/17", "nothing"],
    ["G9 __proto__", utf8('{"__proto__":{}}'), "sdk/17", "__proto__"],
    ["unknown field", utf8('{"bank":{"parms":{}}}'), "sdk/17", "bank.parms"],
    ["camelCase field", utf8('{"bank":{"sendEnabled":[]}}'), "sdk/17", "bank.sendEnabled"],
    ["null", utf8('{"bank":{"params":null}}'), "sdk/17", "bank.params"],
    ["array for an object", utf8('{"bank":[]}'), "sdk/17", "bank"],
    ["nested too deep", utf8('{"bank":'.repeat(70)), "sdk/17", ""],
    ["unknown Any type", auth({ "@type": "/x.Y" }), "sdk/17", "auth.accounts[0].@type"],
    ["bad base64 in a key", auth(base({ pub_key: { "@type": "/cosmos.crypto.secp256k1.PubKey", key: "!!" } })), "sdk/17", "auth.accounts[0].pub_key.key"],
  ])("%s", (_name, appState, code, path) => {
    const got = refused(appState);
    expect(got.code).toBe(code);
    if (path !== "") expect(got.path).toBe(path);
  });

  test("G13 a file over the size limit is refused before it is parsed", () => {
    const nild = newChain({ limits: { maxGenesisBytes: 1_000 } });
    expect(() => nild.initChain(new Uint8Array(1_001))).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });
});

describe("content", () => {
  test.each([
    ["G4 account twice", auth(base({ account_number: "1" }), base({ account_number: "2" })), "sdk/18", "auth.accounts[1].address"],
    ["account number twice", auth(base({ account_number: "1" }), base({ account_number: "1", address: testAccount("bob").address })), "sdk/18", "auth.accounts[1].account_number"],
    ["account address", auth(base({ address: "nil1x" })), "sdk/7", "auth.accounts[0].address"],
    ["a module's address as a base account", auth(base({ address: addressToString(moduleAddress("escrow")) })), "sdk/18", "auth.accounts[0]"],
    ["G12 parameter out of bounds", genesisJson({ auth: { params: { max_memo_characters: "256", tx_sig_limit: "0", tx_size_cost_per_byte: "10", sig_verify_cost_ed25519: "590", sig_verify_cost_secp256k1: "1000" } } }), "sdk/18", "auth.params.txSigLimit"],
    ["parameters missing", genesisJson({ bank: {} }), "sdk/18", "bank.params"],
    ["G4 balance twice", bank({ balances: [{ address: alice, coins: unil(1n) }, { address: alice, coins: unil(1n) }] }), "sdk/18", "bank.balances[1].address"],
    ["balance address", bank({ balances: [{ address: "x", coins: unil(1n) }] }), "sdk/7", "bank.balances[0]"],
    ["zero coin", bank({ balances: [{ address: alice, coins: unil(0n) }] }), "sdk/10", "bank.balances[0]"],
    ["negative coin", bank({ balances: [{ address: alice, coins: unil(-1n) }] }), "sdk/10", "bank.balances[0]"],
    ["a sum over 256 bits", bank({ balances: [{ address: alice, coins: unil((1n << 256n) - 1n) }, { address: testAccount("bob").address, coins: unil(1n) }] }), "sdk/10", "bank.balances"],
    ["G5 supply above the sum", bank({ balances: [{ address: alice, coins: unil(1n) }], supply: unil(2n) }), "sdk/10", "bank.supply"],
    ["G5 supply of another denomination", bank({ balances: [{ address: alice, coins: unil(1n) }], supply: [{ denom: "uatom", amount: "1" }] }), "sdk/10", "bank.supply"],
    ["metadata twice", bank({ denom_metadata: [{ base: "unil" }, { base: "unil" }] }), "sdk/18", "bank.denom_metadata[1].base"],
  ])("%s", (_name, appState, code, path) => {
    expect(refused(appState)).toEqual({ code, path });
  });
});

describe("the chain's own fields", () => {
  const start = (over: object): (() => unknown) => {
    const request = { chainId: "nild-test-1", initialHeight: 1n, timeNs: 1n, consensusParams: TEST_CONSENSUS, validators: [], appState: utf8("{}"), ...over };
    return () => newChain().app.initChain(request);
  };
  test.each([
    ["G3 chain id empty", { chainId: "" }, 28],
    ["G3 chain id of 51 characters", { chainId: "c".repeat(51) }, 28],
    ["G8 initial height 0", { initialHeight: 0n }, 26],
    ["G8 initial height negative", { initialHeight: -1n }, 26],
  ])("%s", (_name, over, code) => {
    expect(start(over)).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });

  test("an empty genesis is valid and its app hash is not empty", () => {
    expect((start({})() as { appHash: Uint8Array }).appHash.length).toBe(32);
  });
});

describe("accepted", () => {
  const sections = { bank: bankSection({ alice: 5n, carol: 7n }), epoch: { params: { length_blocks: "10", ring_size: 20 } } };

  test("G14 the same content with keys permuted gives the same hash", () => {
    const permuted = { epoch: { params: { ring_size: 20, length_blocks: 10 } }, bank: Object.fromEntries(Object.entries(sections.bank).reverse()) };
    expect(Object.keys(permuted.bank)).not.toEqual(Object.keys(sections.bank));
    expect(newChain().initChain(permuted)).toEqual(newChain().initChain(sections));
  });

  test("initChain twice before the first block gives the same hash; after a commit it is refused", async () => {
    const nild = newChain();
    expect(nild.initChain(sections)).toEqual(nild.initChain(sections));
    await nild.genesis(sections);
    expect(() => nild.initChain(sections)).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });

  test("a refused genesis leaves an earlier one in place", async () => {
    const nild = newChain();
    const hash = nild.initChain(sections);
    expect(() => nild.initChain(utf8("{"))).toThrow(SdkError);
    expect(nild.execute([], 1n).txResults).toEqual([]);
    expect(nild.initChain(sections)).toEqual(hash);
  });

  test("a chain may start at a later height", async () => {
    const nild = await newChain().genesis(sections, 1_000n);
    expect(nild.app.info().lastBlockHeight).toBe(1_000n);
    await nild.nextBlock();
    expect(nild.restart().height).toBe(1_001n);
    expect(nild.app.readCtx(1_000n).height).toBe(1_000n);
  });

  test("newAppState validates; addGenesisAccount adds one balance, never two", () => {
    const state = utf8(newAppState({ balances: [{ address: alice, amount: 5n }], epochBlocks: 10n }));
    expect(validateAppState(state)).toBeUndefined();
    const more = utf8(addGenesisAccount(state, testAccount("bob").address, 6n));
    expect(() => addGenesisAccount(more, testAccount("bob").address, 6n)).toThrow(expect.objectContaining({ code: 18 }));
    expect(() => addGenesisAccount(more, "nil1x", 6n)).toThrow(expect.objectContaining({ code: 7 }));
    expect(() => addGenesisAccount(more, testAccount("carol").address, 0n)).toThrow(expect.objectContaining({ code: 10 }));
  });
});

describe("export", () => {
  test("of an imported export is the same, and balances, numbers, sequences and keys survive", async () => {
    const nild: Fixture = await chain({ alice: 1_000_000n, carol: 9n });
    await nild.block([sendTx(nild)]);
    const exported = nild.app.exportGenesis();
    const again = newChain();
    again.initChain(utf8(exported));
    await again.genesis(JSON.parse(exported) as Record<string, object>);
    expect(JSON.parse(exported).auth.accounts.find((each: { address?: string }) => each.address === alice)).toMatchObject({ sequence: "1", pub_key: { "@type": "/cosmos.crypto.secp256k1.PubKey" } });
    // The epoch's clock advances with the first block; all else is equal.
    const [before, after] = [exported, again.app.exportGenesis()].map((text) => ({ ...(JSON.parse(text) as Record<string, object>), epoch: undefined }));
    expect(after).toEqual(before);
    expect(again.execute([sendTx(again)]).txResults[0]!.code).toBe(0);
  });

  test("has sorted sections and no float", async () => {
    const text = (await chain({ alice: 1n })).app.exportGenesis();
    const names = Object.keys(JSON.parse(text) as object);
    expect(names).toEqual([...names].sort());
    expect(text).not.toMatch(/:\s*-?\d+\.\d/);
  });
});
