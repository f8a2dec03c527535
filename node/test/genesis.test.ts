import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_CONSENSUS_PARAMS, type GenesisDoc, genesisText, parseGenesis, readGenesis, writeGenesis } from "../config/genesis.js";

const GENESIS: GenesisDoc = {
  chainId: "nild-test-1",
  timeNs: 1_700_000_000_123_456_789n,
  initialHeight: 1n,
  consensusParams: DEFAULT_CONSENSUS_PARAMS,
  validators: [{ pubKeyType: "ed25519", pubKey: new Uint8Array(32).fill(5), power: 10n, name: "one" }],
  appState: Buffer.from('{"bank":{"supply":"18446744073709551617"}}'),
};
const TEXT = genesisText(GENESIS);
const parse = (text: string): GenesisDoc => parseGenesis(Buffer.from(text));

test("what is written is read back", () => {
  const parsed = parse(TEXT);
  expect({ ...parsed, appState: Buffer.from(parsed.appState).toString() }).toEqual({ ...GENESIS, appState: Buffer.from(GENESIS.appState).toString() });
});

test("G14 the order of keys does not matter outside app_state", () => {
  const { app_state, ...rest } = JSON.parse(TEXT) as Record<string, unknown>;
  const permuted = JSON.stringify(Object.fromEntries([["app_state", app_state], ...Object.entries(rest).reverse()]));
  expect(parse(permuted)).toEqual(parse(TEXT));
});

/** JSON path → spoiled document; the error must name the path. */
function set(path: string, value: unknown): string {
  const document = JSON.parse(TEXT) as Record<string, unknown>;
  const parts = path.split(/[.[\]]+/).filter((part) => part !== "");
  let at = document;
  for (const part of parts.slice(0, -1)) at = at[part] as Record<string, unknown>;
  if (value === undefined) delete at[parts.at(-1)!];
  else at[parts.at(-1)!] = value;
  return JSON.stringify(document);
}
const validator = (JSON.parse(TEXT) as { validators: object[] }).validators[0]!;

test.each([
  ["G1 no chain id", "chain_id", undefined],
  ["G3 empty chain id", "chain_id", ""],
  ["G3 chain id of 51 characters", "chain_id", `${"a".repeat(49)}-1`],
  ["G3 chain id without a number", "chain_id", "nild"],
  ["G3 chain id in upper case", "chain_id", "Nild-1"],
  ["G2 height as a number", "initial_height", 1],
  ["G8 height negative", "initial_height", "-1"],
  ["G8 height zero", "initial_height", "0"],
  ["height past 2^63", "initial_height", "9223372036854775808"],
  ["time without zone", "genesis_time", "2026-11-21T13:00:00"],
  ["an app hash", "app_hash", "AA"],
  ["no app state", "app_state", undefined],
  ["app state a string", "app_state", "{}"],
  ["G7 no validators", "validators", []],
  ["validators an object", "validators", {}],
  ["G7 power 0", "validators[0].power", "0"],
  ["G7 power -1", "validators[0].power", "-1"],
  ["G7 power too big", "validators[0].power", "1152921504606846976"],
  ["G7 key twice", "validators[1].pub_key.value", undefined],
  ["key of 31 bytes", "validators[0].pub_key.value", Buffer.alloc(31).toString("base64")],
  ["key in sloppy base64", "validators[0].pub_key.value", `${Buffer.alloc(32, 5).toString("base64")} `],
  ["key of another type", "validators[0].pub_key.type", "tendermint/PubKeySecp256k1"],
  ["max_bytes 0", "consensus_params.block.max_bytes", "0"],
  ["max_gas as a number", "consensus_params.block.max_gas", -1],
  ["no key types", "consensus_params.validator.pub_key_types", []],
  ["G9 unknown section", "extra", {}],
  ["G9 unknown parameter", "consensus_params.block.time_iota_ms", "1"],
])("%s is refused and its path named", (_name, path, value) => {
  const text = path.startsWith("validators[1]") ? set("validators", [validator, validator]) : set(path, value);
  let thrown: unknown;
  try {
    parse(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "genesis.invalid", message: expect.stringContaining(path) as string });
});

test.each([
  ["not JSON", "{"],
  ["text after the end", `${TEXT}x`],
  ["a duplicate key", TEXT.replace('"app_hash"', '"chain_id"')],
  ["a duplicate key inside app_state", TEXT.replace('"bank":{', '"bank":{},"bank":{')],
  ["an array", "[]"],
  ["deep nesting", "[".repeat(100_000)],
])("G1 %s is refused", (_name, text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: "genesis.invalid" }) as Error);
});

describe("the file", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "nild-genesis-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("is written once and read back", async () => {
    const path = join(folder, "genesis.json");
    await writeGenesis(path, GENESIS);
    expect((await readGenesis(path)).chainId).toBe("nild-test-1");
    await expect(writeGenesis(path, GENESIS)).rejects.toMatchObject({ code: "EEXIST" });
  });

  test("missing, it is named", async () => {
    await expect(readGenesis(join(folder, "genesis.json"))).rejects.toMatchObject({ code: "genesis.missing" });
  });

  test("G13 too large, it is refused unread", async () => {
    const path = join(folder, "genesis.json");
    writeFileSync(path, "");
    truncateSync(path, 200_000_000);
    await expect(readGenesis(path)).rejects.toMatchObject({ code: "genesis.too_large" });
  });
});
