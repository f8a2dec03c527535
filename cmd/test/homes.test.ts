import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nild, nildJson } from "./command_line.js";

let folder: string;
let home: string;
let count = 0;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "nild-cmd-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => (home = join(folder, `home${count++}`)));

const WORDS = `${"abandon ".repeat(23)}art`;
const keys = (...argv: string[]) => nildJson("keys", ...argv, "--home", home, "--keyring-backend", "test");
const init = (...argv: string[]) => nildJson("init", ...argv, "--home", home);
const genesis = (...argv: string[]) => nildJson("genesis", ...argv, "--home", home);

function wordsFile(words: string): string {
  const file = join(folder, `words${count++}`);
  writeFileSync(file, words, { mode: 0o600 });
  return file;
}

describe("keys", () => {
  test("a key is made once; its words are shown once and kept nowhere", async () => {
    const made = (await keys("add", "alice")).last();
    expect(made).toMatchObject({ ok: true, name: "alice", address: expect.stringMatching(/^nil1[a-z0-9]{38}$/) as string });
    const words = made["mnemonic"] as string;
    expect(words.split(" ")).toHaveLength(24);
    const shown = (await keys("show", "alice")).last();
    expect(shown).toEqual({ ok: true, name: "alice", address: made["address"], pubkey: made["pubkey"] });
    expect(readFileSync(join(home, "keyring-test", "alice.json"), "utf8")).not.toContain(words.split(" ").slice(0, 3).join(" "));
  });

  test("the same words give the same address, here and in any wallet", async () => {
    const { address } = (await keys("add", "one", "--mnemonic-file", wordsFile(`${WORDS}\n`))).last();
    const again = (await keys("add", "two", "--mnemonic-file", wordsFile(WORDS))).last();
    expect(again["address"]).toBe(address);
    expect(again).not.toHaveProperty("mnemonic");
  });

  test("a name that is taken stays as it is", async () => {
    const { address } = (await keys("add", "alice")).last();
    const twice = await keys("add", "alice");
    expect([twice.exit, twice.code()]).toEqual([2, "node/keyring.exists"]);
    expect((await keys("show", "alice")).last()["address"]).toBe(address);
  });

  test("of two that add one name at once, one wins", async () => {
    const { openKeyring } = await import("../nild/keyring.js");
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => openKeyring(home, "test").add("alice")));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(readdirSync(join(home, "keyring-test"))).toEqual(["alice.json"]);
  });

  test.each(["../x", "", ".hidden", "a/b", "a b", "a\u0000b", "x".repeat(65), "-"])("%p is no name", async (name) => {
    const { exit, code } = await nild("keys", "add", "--home", home, "--keyring-backend", "test", "--json", "--", name);
    expect([exit, code()]).toEqual([2, "node/keyring.bad_name"]);
    expect(existsSync(join(home, "keyring-test"))).toBe(false);
  });

  test.each([
    ["a wrong checksum", "abandon ".repeat(24)],
    ["a word of no list", `${"abandon ".repeat(23)}nild`],
    ["one word too few", "abandon ".repeat(23)],
    ["nothing", ""],
  ])("words with %s make no key", async (_name, words) => {
    const { exit, code, stdout, stderr } = await keys("add", "alice", "--mnemonic-file", wordsFile(words));
    expect([exit, code()]).toEqual([2, "node/keyring.bad_mnemonic"]);
    expect(stdout + stderr).not.toMatch(/abandon/);
    expect((await keys("list")).last()["keys"]).toEqual([]);
  });

  test.each([["show"], ["delete"]])("%s of a key that is not there", async (verb) => {
    expect((await keys(verb, "nobody")).code()).toBe("node/keyring.not_found");
  });

  test("rename keeps the key, delete forgets it, list is by name", async () => {
    for (const name of ["carol", "alice"]) await keys("add", name);
    const { address } = (await keys("show", "carol")).last();
    expect((await keys("rename", "carol", "alice")).code()).toBe("node/keyring.exists");
    await keys("rename", "carol", "bob");
    expect(((await keys("list")).last()["keys"] as { name: string }[]).map(({ name }) => name)).toEqual(["alice", "bob"]);
    expect((await keys("show", "bob")).last()["address"]).toBe(address);
    await keys("delete", "bob");
    expect((await keys("show", "bob")).code()).toBe("node/keyring.not_found");
  });

  test("a key that others can read is not used", async () => {
    await keys("add", "alice");
    const file = join(home, "keyring-test", "alice.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    expect((await keys("show", "alice")).code()).toBe("node/keyring.open_mode");
  });

  test.each(["os", "", "FILE"])("--keyring-backend %p is none", async (backend) => {
    expect((await nildJson("keys", "list", "--home", home, "--keyring-backend", backend)).code()).toBe("cli/usage");
  });

  test("a sealed key: exported and taken in under a passphrase of a file; a wrong one opens nothing", async () => {
    const file = join(folder, `pass${count++}`);
    const sealed = async (passphrase: string, ...argv: string[]) => {
      writeFileSync(file, `${passphrase}\n`, { mode: 0o600 });
      process.env["NILD_PASSPHRASE_FILE"] = file;
      try {
        return await nildJson("keys", ...argv, "--home", home, "--keyring-backend", "file");
      } finally {
        delete process.env["NILD_PASSPHRASE_FILE"];
      }
    };
    const { address } = (await sealed("correct horse", "add", "alice", "--mnemonic-file", wordsFile(WORDS))).last();
    const armored = join(folder, `armored${count++}`);
    const wrong = await sealed("wrong horse", "export", "alice", armored);
    expect([wrong.exit, wrong.code(), existsSync(armored)]).toEqual([2, "sdk/23", false]);
    expect(wrong.last()).toMatchObject({ error: { hint: "" } });
    expect((await sealed("correct horse", "export", "alice", armored)).exit).toBe(0);
    expect(statSync(armored).mode & 0o777).toBe(0o600);
    expect((await sealed("correct horse", "export", "alice", armored)).code()).toBe("os/EEXIST");
    expect((await sealed("correct horse", "import", "bob", armored)).last()["address"]).toBe(address);
  });
});

describe("init", () => {
  test("makes a home of one validator whose keys nobody else can read, once", async () => {
    expect((await init("one", "--chain-id", "nild-cmd-1")).last()).toMatchObject({ ok: true, chain_id: "nild-cmd-1", moniker: "one" });
    expect(statSync(join(home, "config", "priv_validator_key.json")).mode & 0o077).toBe(0);
    const before = readFileSync(join(home, "config", "genesis.json"), "utf8");
    const twice = await init("two");
    expect([twice.exit, twice.code()]).toEqual([2, "cli/home_exists"]);
    expect(readFileSync(join(home, "config", "genesis.json"), "utf8")).toBe(before);
  });

  test("--overwrite makes it anew, keys included", async () => {
    const first = (await init("one")).last();
    const second = (await init("one", "--overwrite")).last();
    expect(second["ok"]).toBe(true);
    expect(second["validator_address"]).not.toBe(first["validator_address"]);
  });

  test("a home of which a part is left counts as one", async () => {
    await init("one");
    rmSync(join(home, "config"), { recursive: true });
    expect((await init("one")).code()).toBe("cli/home_exists");
  });

  test.each(["", "nild", "nild-0", "nild-01", "Nild-1", "1nild-1", "nild_x-1", "nild-1 ", `${"n".repeat(60)}-1`])("--chain-id %p is none, and makes nothing", async (id) => {
    expect((await init("one", "--chain-id", id)).code()).toBe("cli/usage");
    expect(existsSync(home)).toBe(false);
  });

  test.each(["", "a b", "a\nb", "x".repeat(71)])("%p is no moniker", async (moniker) => {
    expect((await init(moniker)).code()).toBe("cli/usage");
    expect(existsSync(home)).toBe(false);
  });

  test("a home below a file cannot be made", async () => {
    const file = wordsFile("");
    const { exit, code } = await nildJson("init", "one", "--home", join(file, "home"));
    expect([exit, code()]).toEqual([2, "os/ENOTDIR"]);
  });
});

describe("genesis", () => {
  test("takes an account by key or address, once, and stays valid", async () => {
    await init("one");
    await keys("add", "alice");
    const { address } = (await keys("show", "alice")).last();
    expect((await genesis("add-genesis-account", "alice", "5000000unil", "--keyring-backend", "test")).last()).toMatchObject({ ok: true, address, amount: "5000000" });
    expect((await genesis("validate")).last()).toMatchObject({ ok: true, validators: 1 });
    const before = readFileSync(join(home, "config", "genesis.json"), "utf8");
    expect((await genesis("add-genesis-account", address as string, "7unil")).exit).toBe(2);
    expect(readFileSync(join(home, "config", "genesis.json"), "utf8")).toBe(before);
  });

  test.each([
    ["nil1broken", "5unil", "sdk/7"],
    ["nobody", "5unil", "node/keyring.not_found"],
    ["../x", "5unil", "node/keyring.bad_name"],
    ["alice", "-5", "cli/usage"],
    ["alice", "5nil", "cli/usage"],
  ])("account %p with %p: %s, nothing written", async (who, amount, code) => {
    await init("one");
    await keys("add", "alice");
    const before = readFileSync(join(home, "config", "genesis.json"), "utf8");
    const refused = await nild("genesis", "add-genesis-account", "--home", home, "--keyring-backend", "test", "--json", "--", who, amount);
    expect([refused.exit, refused.code()]).toEqual([2, code]);
    expect(readFileSync(join(home, "config", "genesis.json"), "utf8")).toBe(before);
  });

  test.each<[string, (text: string) => string]>([
    ["a cut", (text) => text.slice(0, -3)],
    ["no JSON", () => "genesis"],
    ["nothing", () => ""],
    ["a supply that is not the sum", (text) => text.replace('"supply":[]', '"supply":[{"denom":"unil","amount":"1"}]')],
    ["an unknown module", (text) => text.replace('"auth":', '"auht":')],
    ["a field twice", (text) => text.replace('"supply":[]', '"supply":[],"supply":[]')],
    ["a height of 0", (text) => text.replace('"initial_height": "1"', '"initial_height": "0"')],
  ])("validate refuses a file with %s", async (_name, change) => {
    await init("one");
    const file = join(home, "config", "genesis.json");
    const text = readFileSync(file, "utf8");
    expect(change(text)).not.toBe(text);
    writeFileSync(file, change(text));
    const { exit, last } = await genesis("validate");
    expect(exit).toBe(2);
    expect(last()).toMatchObject({ ok: false, error: { code: expect.not.stringMatching(/^internal$/) as string } });
  });

  test("validate of no home at all", async () => {
    expect((await genesis("validate")).code()).toBe("node/genesis.missing");
  });
});

describe("start refuses a configuration that is wrong, by its code", () => {
  test.each<[string, string, RegExp, string, string]>([
    ["an unknown key", "config.toml", /^moniker = .*$/m, 'monicker = "x"', "node/config.unknown_key"],
    ["a wrong type", "config.toml", /^block_time_ms = .*$/m, 'block_time_ms = "soon"', "node/config.wrong_value"],
    ["a port that is none", "config.toml", /^laddr = .*$/m, 'laddr = "tcp://127.0.0.1:70000"', "node/config.wrong_value"],
    ["no TOML", "app.toml", /$/, "\n[", "node/config.syntax"],
    ["no minimum gas price", "app.toml", /^minimum-gas-prices = .*$/m, 'minimum-gas-prices = ""', "node/config.wrong_value"],
  ])("%s", async (_name, file, pattern, replacement, code) => {
    await init("one");
    const path = join(home, "config", file);
    const text = readFileSync(path, "utf8");
    const changed = text.replace(pattern, replacement);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
    const refused = await nildJson("start", "--home", home, "--free-ports");
    expect([refused.exit, refused.code()]).toEqual([2, code]);
  });

  test("an empty sign state: the node would not know what it has signed", async () => {
    await init("one");
    writeFileSync(join(home, "data", "priv_validator_state.json"), "");
    const { exit, last } = await nildJson("start", "--home", home, "--free-ports");
    expect(exit).not.toBe(0);
    expect(last()).toMatchObject({ ok: false, error: { codespace: "node" } });
  });
});

describe("provider init", () => {
  const provider = (...argv: string[]) => nildJson("provider", "init", "--home", home, "--keyring-backend", "test", ...argv);

  test("makes a home once; its response key is its own to read", async () => {
    expect((await provider()).last()).toMatchObject({ ok: true, home });
    expect(statSync(join(home, "response_key")).mode & 0o777).toBe(0o600);
    const key = readFileSync(join(home, "response_key"));
    expect((await provider()).code()).toBe("cli/home_exists");
    expect(readFileSync(join(home, "response_key"))).toEqual(key);
  });

  test.each([
    ["--laddr", "127.0.0.1:70000"],
    ["--laddr", "nowhere"],
    ["--grpc-addr", "ftp://x"],
    ["--total-gib", "0"],
    ["--total-gib", "1048577"],
    ["--bond", "-1"],
    ["--bond", "1e9"],
    ["--mnemonic-file", "/nowhere/words"],
  ])("%s %p is refused, and makes nothing", async (flag, value) => {
    expect((await provider(flag, value)).exit).toBe(2);
    expect(existsSync(home)).toBe(false);
  });

  test("start of a home that holds none", async () => {
    expect((await nildJson("provider", "start", "--home", home)).code()).toBe("cli/no_home");
  });
});

test("put and get say what is wrong with a file before they ask the chain", async () => {
  await nild("keys", "add", "alice", "--home", home, "--keyring-backend", "test");
  const signed = ["--home", home, "--keyring-backend", "test", "--from", "alice", "--grpc-addr", "http://127.0.0.1:9"];
  const terms = ["--duration", "100", "--deposit", "5"];
  expect((await nildJson("put", join(folder, "missing"), ...terms, ...signed)).code()).toBe("os/ENOENT");
  expect((await nildJson("put", folder, ...terms, ...signed)).code()).toBe("cli/usage");
  expect((await nildJson("get", "deal-01", "x", ...signed)).code()).toBe("cli/usage");
  expect((await nildJson("get", "18446744073709551616", "x", ...signed)).code()).toBe("cli/usage");
});
