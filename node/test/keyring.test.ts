import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { Secp256k1PubKey } from "nild/sdk";
import { Keyring } from "../keyring/keyring.js";
import { privateKeyFromMnemonic } from "../keyring/mnemonic.js";

const WORDS = `${"abandon ".repeat(23)}art`;
let home: string;
/** One sealed key for all: sealing takes its time by design. */
let sealedFile: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "nild-keyring-"));
  await sealed().add("a", { mnemonic: WORDS });
  sealedFile = readFileSync(pathOf("a"), "utf8");
  rmSync(home, { recursive: true });
});
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "nild-keyring-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const plain = (): Keyring => Keyring.open(home, "test", () => Promise.reject(new Error("the test backend asks for nothing")));
const sealed = (passphrase = "correct horse"): Keyring => Keyring.open(home, "file", () => Promise.resolve(passphrase));
const pathOf = (name: string, backend = "file"): string => join(home, `keyring-${backend}`, `${name}.json`);
type KeyJson = { secret: Record<string, unknown>; checksum?: string; [field: string]: unknown };

function putSealed(): void {
  mkdirSync(join(home, "keyring-file"), { recursive: true });
  writeFileSync(pathOf("a"), sealedFile, { mode: 0o600 });
}

/** Changes a key file and mends its checksum, so that the change itself is what gets refused. */
function edit(name: string, change: (file: KeyJson) => void): void {
  const file = JSON.parse(readFileSync(pathOf(name), "utf8")) as KeyJson;
  change(file);
  delete file.checksum;
  file.checksum = createHash("sha256").update(JSON.stringify(file)).digest("hex");
  writeFileSync(pathOf(name), JSON.stringify(file));
}

describe("keys", () => {
  test("a mnemonic gives the address that CosmJS wallets give", async () => {
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(WORDS, { prefix: "nil" });
    const [account] = await wallet.getAccounts();
    const key = await plain().add("a", { mnemonic: `  ${WORDS.toUpperCase().replaceAll(" ", "\n")} ` });
    expect([key.address, Buffer.from(key.pubKey)]).toEqual([account!.address, Buffer.from(account!.pubkey)]);
    expect(key.mnemonic).toBeUndefined();
  });

  test("a new key comes with 24 words that lead back to it", async () => {
    const { mnemonic, address } = await plain().add("new");
    expect(mnemonic!.split(" ")).toHaveLength(24);
    expect((await plain().add("again", { mnemonic: mnemonic! })).address).toBe(address);
  });

  test("signs what the chain verifies, from a sealed key too; not after disposal", async () => {
    putSealed();
    const { pubKey } = await sealed().show("a");
    const signer = await sealed().signer("a");
    const message = Buffer.from("sign bytes");
    const signature = signer.sign(message);
    expect(new Secp256k1PubKey(Uint8Array.from(pubKey)).verify(message, signature)).toBe(true);
    signer.dispose();
    expect(() => signer.sign(message)).toThrow();
  });

  test("list, show, rename and delete", async () => {
    const keyring = plain();
    expect(await keyring.list()).toEqual([]);
    const { address } = await keyring.add("b");
    await keyring.add("a");
    await keyring.rename("b", "c");
    expect((await keyring.list()).map(({ name }) => name)).toEqual(["a", "c"]);
    expect((await keyring.show("c")).address).toBe(address);
    await keyring.delete("c");
    await expect(keyring.show("c")).rejects.toMatchObject({ code: "keyring.not_found" });
  });

  test("an exported key comes back under another passphrase and name", async () => {
    putSealed();
    const { address } = await sealed().show("a");
    const passphrases = ["correct horse", "for travel"];
    const armored = await Keyring.open(home, "file", () => Promise.resolve(passphrases.shift()!)).export("a");
    expect(armored).toMatch(/^-----BEGIN NILD PRIVATE KEY-----\n/);
    const other = Keyring.open(home, "test", () => Promise.resolve("for travel"));
    expect((await other.import("b", armored)).address).toBe(address);
    await expect(Keyring.open(home, "test", () => Promise.resolve("wrong")).import("c", armored)).rejects.toMatchObject({ code: "sdk/23" });
  });

  test("files are private, and hold neither key nor words", async () => {
    await plain().add("a", { mnemonic: WORDS });
    expect(statSync(pathOf("a", "test")).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home, "keyring-test"))).toEqual(["a.json"]);
    const privateKey = Buffer.from(await privateKeyFromMnemonic(WORDS));
    for (const form of [WORDS.slice(0, 20), privateKey.toString("hex"), privateKey.toString("base64")]) expect(sealedFile).not.toContain(form);
  });
});

describe("bad input (reliability K)", () => {
  test.each(["", "../x", "a/b", ".hidden", "a b", "a".repeat(65), "ключ", "a\0"])("K6 name %j", async (name) => {
    await expect(plain().add(name)).rejects.toMatchObject({ code: "keyring.bad_name" });
    await expect(plain().show(name)).rejects.toMatchObject({ code: "keyring.bad_name" });
  });

  test.each([
    ["a wrong checksum word", `${"abandon ".repeat(23)}abandon`],
    ["a word not in the list", `${"abandon ".repeat(23)}xyzzy`],
    ["12 words", `${"abandon ".repeat(11)}about`],
    ["nothing", ""],
  ])("K8 mnemonic with %s", async (_name, mnemonic) => {
    await expect(plain().add("a", { mnemonic })).rejects.toMatchObject({ code: "keyring.bad_mnemonic" });
    expect(await plain().list()).toEqual([]);
  });

  test("K7 the same name added twice at once: one wins, and its file is whole", async () => {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => plain().add("a")));
    const won = results.filter((each) => each.status === "fulfilled");
    const lost = results.filter((each) => each.status === "rejected");
    expect([won.length, lost.map(({ reason }) => (reason as { code: string }).code)]).toEqual([1, Array(4).fill("keyring.exists")]);
    expect((await plain().show("a")).address).toBe(won[0]!.value.address);
  });

  test("an existing name is refused before a passphrase is asked for", async () => {
    putSealed();
    const asks = Keyring.open(home, "file", () => Promise.reject(new Error("asked")));
    await expect(asks.add("a")).rejects.toMatchObject({ code: "keyring.exists" });
    await plain().add("x");
    await plain().add("y");
    await expect(plain().rename("x", "y")).rejects.toMatchObject({ code: "keyring.exists" });
    expect((await plain().list()).map(({ name }) => name)).toEqual(["x", "y"]);
  });

  test("K5 a wrong passphrase is sdk/23 and says nothing more", async () => {
    putSealed();
    await expect(sealed("correct horsf").signer("a")).rejects.toMatchObject({ code: "sdk/23", message: "invalid account password", hint: undefined });
  });

  test("K4 a file that others can read is refused", async () => {
    await plain().add("a");
    chmodSync(pathOf("a", "test"), 0o644);
    await expect(plain().show("a")).rejects.toMatchObject({ code: "keyring.open_mode" });
  });

  test.each([
    ["truncated", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["one character changed", (text: string) => text.replace(/"data": "(.)/, (_all, first: string) => `"data": "${first === "A" ? "B" : "A"}`)],
    ["null", () => "null"],
    ["no secret", () => '{"version":1}'],
  ])("K3 a file that is %s", async (_name, spoil) => {
    putSealed();
    writeFileSync(pathOf("a"), spoil(readFileSync(pathOf("a"), "utf8")));
    await expect(sealed().signer("a")).rejects.toMatchObject({ code: "keyring.damaged" });
  });

  test.each<[string, (file: KeyJson) => void]>([
    ["scrypt N = 2^30", (file) => (file.secret["n"] = 2 ** 30)],
    ["scrypt N = 1", (file) => (file.secret["n"] = 1)],
    ["scrypt N no power of two", (file) => (file.secret["n"] = 131_073)],
    ["scrypt p = 1000", (file) => (file.secret["p"] = 1000)],
    ["scrypt r = 1", (file) => (file.secret["r"] = 1)],
    ["another derivation", (file) => (file.secret["kdf"] = "pbkdf2")],
    ["another cipher", (file) => (file.secret["cipher"] = "aes-128-ecb")],
    ["a short salt", (file) => (file.secret["salt"] = "AA==")],
    ["a version to come", (file) => (file["version"] = 2)],
    ["another key's name", (file) => (file["name"] = "b")],
    ["an unsealed key", (file) => (file.secret = { cipher: "none", data: Buffer.alloc(32, 1).toString("base64") })],
  ])("K3 a file with %s is refused before any work", async (_name, change) => {
    putSealed();
    edit("a", change);
    await expect(sealed().signer("a")).rejects.toMatchObject({ code: "keyring.damaged" });
  });

  test("a sealed key put beside another address does not open", async () => {
    putSealed();
    const { address } = await plain().add("b");
    edit("a", (file) => (file["address"] = address));
    await expect(sealed().signer("a")).rejects.toMatchObject({ code: "sdk/23" });
  });

  test("K9 a folder that cannot be made is named", async () => {
    rmSync(home, { recursive: true });
    mkdirSync(home);
    writeFileSync(join(home, "keyring-test"), "a file in the folder's place");
    await expect(plain().add("a")).rejects.toMatchObject({ code: "keyring.locked" });
    await expect(plain().list()).rejects.toMatchObject({ code: "keyring.locked" });
  });

  test.each(["", "hello", "-----BEGIN NILD PRIVATE KEY-----\n!!!\n-----END NILD PRIVATE KEY-----"])("an armored key of %j", async (armored) => {
    await expect(plain().import("a", armored)).rejects.toMatchObject({ code: "keyring.bad_armor" });
  });
});
