import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DEFAULT_APP_CONFIG, DEFAULT_CLIENT_CONFIG, DEFAULT_CONFIG, readAppConfig, readClientConfig, readConfig, writeConfigs } from "../config/config.js";
import { parseAddress } from "../config/fields.js";
import { Home } from "../config/home.js";
import { createNodeKey, readNodeId } from "../config/node_key.js";
import { createFileExclusive, writeFileAtomic } from "../files/atomic.js";

let home: Home;
beforeEach(() => (home = new Home(mkdtempSync(join(tmpdir(), "nild-config-")))));
afterEach(() => rmSync(home.root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(dirname(home.config(file)), { recursive: true });
  writeFileSync(home.config(file), text);
}

test("files that are not there mean defaults", async () => {
  expect(await readConfig(home)).toEqual(DEFAULT_CONFIG);
  expect(DEFAULT_CONFIG.rpc.laddr).toBe("tcp://127.0.0.1:26657");
});

test("what is written is read back, whatever the values", async () => {
  const config = { ...DEFAULT_CONFIG, moniker: 'say-"hi"\\', rpc: { ...DEFAULT_CONFIG.rpc, cors_allowed_origins: ["http://a", "*"] } };
  const app = { ...DEFAULT_APP_CONFIG, "minimum-gas-prices": "2.5uother", grpc: { ...DEFAULT_APP_CONFIG.grpc, enable: false } };
  await writeConfigs(home, { config, app, client: { ...DEFAULT_CLIENT_CONFIG, "chain-id": "c-1" } }, { replace: false });
  expect(await readConfig(home)).toEqual(config);
  expect(await readAppConfig(home)).toEqual(app);
  expect((await readClientConfig(home))["chain-id"]).toBe("c-1");
  await expect(writeConfigs(home, { config, app, client: DEFAULT_CLIENT_CONFIG }, { replace: false })).rejects.toMatchObject({ code: "EEXIST" });
});

describe("bad input (reliability K10)", () => {
  test.each([
    ["config.toml", 'colour = "red"', "config.unknown_key", "colour"],
    ["config.toml", "[rpc]\nport = 1", "config.unknown_key", "rpc.port"],
    ["config.toml", "[p2p]\n", "config.unknown_key", "p2p"],
    ["config.toml", "__proto__ = 1", "config.", "__proto__"],
    ["config.toml", '[rpc]\nladdr = "tcp://127.0.0.1:70000"', "config.wrong_value", "rpc.laddr"],
    ["config.toml", '[rpc]\nladdr = "26657"', "config.wrong_value", "rpc.laddr"],
    ["config.toml", "[rpc]\nladdr = 26657", "config.wrong_value", "rpc.laddr"],
    ["config.toml", '[rpc]\ncors_allowed_origins = "*"', "config.wrong_value", "rpc.cors_allowed_origins"],
    ["config.toml", '[mempool]\nsize = "5000"', "config.wrong_value", "mempool.size"],
    ["config.toml", "[mempool]\nsize = 0", "config.wrong_value", "mempool.size"],
    ["config.toml", "[mempool]\nsize = 1.5", "config.wrong_value", "mempool.size"],
    ["config.toml", "[consensus]\nblock_time_ms = -1", "config.wrong_value", "consensus.block_time_ms"],
    ["config.toml", "mempool = 5", "config.wrong_type", "mempool"],
    ["config.toml", 'log_level = "loud"', "config.wrong_value", "log_level"],
    ["config.toml", 'moniker = ""', "config.wrong_value", "moniker"],
    ["config.toml", "[rpc", "config.syntax", "config.toml:1"],
    ["config.toml", "a = 1\na = 2", "config.syntax", "config.toml:2"],
    ["app.toml", 'minimum-gas-prices = ""', "config.wrong_value", "minimum-gas-prices"],
    ["app.toml", 'minimum-gas-prices = "-1unil"', "config.wrong_value", "minimum-gas-prices"],
    ["app.toml", "[grpc]\nenable = 1", "config.wrong_value", "grpc.enable"],
    ["client.toml", 'keyring-backend = "os"', "config.wrong_value", "keyring-backend"],
    ["client.toml", 'node = "localhost"', "config.wrong_value", "node"],
  ])("%s with %j is refused and the place named", async (file, text, code, place) => {
    put(file, text);
    const read = { "config.toml": readConfig, "app.toml": readAppConfig, "client.toml": readClientConfig }[file]!;
    await expect(read(home)).rejects.toMatchObject({ code: expect.stringContaining(code) as string, message: expect.stringContaining(place) as string });
  });

  test("a folder in the file's place is named", async () => {
    mkdirSync(home.config("config.toml"), { recursive: true });
    await expect(readConfig(home)).rejects.toMatchObject({ code: "config.unreadable" });
  });
});

test.each([
  ["tcp://127.0.0.1:26657", { host: "127.0.0.1", port: 26657 }],
  ["[::1]:9090", { host: "::1", port: 9090 }],
  ["node.example:0", { host: "node.example", port: 0 }],
  ["127.0.0.1:65536", undefined],
  ["127.0.0.1", undefined],
  ["http://127.0.0.1:1", undefined],
  ["a b:1", undefined],
])("address %s", (text, parsed) => {
  expect(parseAddress(text)).toEqual(parsed);
});

test("a node key keeps its id and is never replaced; a spoiled one is refused", async () => {
  const id = await createNodeKey(home.nodeKey);
  expect(id).toMatch(/^[0-9a-f]{40}$/);
  expect(await readNodeId(home.nodeKey)).toBe(id);
  await expect(createNodeKey(home.nodeKey)).rejects.toMatchObject({ code: "EEXIST" });
  writeFileSync(home.nodeKey, readFileSync(home.nodeKey).subarray(0, 50));
  await expect(readNodeId(home.nodeKey)).rejects.toMatchObject({ code: "key.malformed" });
});

describe("files that survive crashes", () => {
  test("replacing leaves the content, the mode and nothing else", async () => {
    const path = join(home.root, "deep", "file");
    await writeFileAtomic(path, "one", 0o600);
    await writeFileAtomic(path, "two", 0o600);
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["two", 0o600]);
    await expect(createFileExclusive(path, "three")).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(path, "utf8")).toBe("two");
  });

  test("a failed replacement leaves the old content and no temporary file", async () => {
    const path = join(home.root, "target");
    mkdirSync(join(path, "not empty"), { recursive: true });
    await expect(writeFileAtomic(path, "x")).rejects.toThrow();
    expect(existsSync(join(path, "not empty"))).toBe(true);
    expect(readdirSync(home.root)).toEqual(["target"]);
  });
});
