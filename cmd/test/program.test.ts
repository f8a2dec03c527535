import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { requireGolden } from "nild/testing";
import { program } from "../nild/program.js";
import { SERVICES, commandNameOf, positionalsOf, signerFieldOf } from "../nild/services.js";
import { flagOf } from "../nild/fields.js";
import { VERSION } from "../nild/version.js";
import { nild, nildJson } from "./command_line.js";

let root: Command;
beforeAll(async () => (root = await program()));

function find(...path: string[]): Command {
  return path.reduce((at, name) => {
    const next = at.commands.find((each) => each.name() === name);
    if (next === undefined) throw new Error(`no command ${path.join(" ")}`);
    return next;
  }, root);
}

/** A command's own line of the golden file, and those of all below it. */
function tree(self: Command, path: string): string[] {
  const args = self.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`));
  const flags = self.options.map(({ flags: text, mandatory }) => `${text}${mandatory ? "!" : ""}`);
  const line = self.commands.length > 0 ? [] : [[path, ...args].join(" "), ...flags.map((flag) => `    ${flag}`)];
  return [...line, ...[...self.commands].sort((a, b) => (a.name() < b.name() ? -1 : 1)).flatMap((child) => tree(child, `${path} ${child.name()}`))];
}

test("the tree of commands is the golden one: scripts of others stand on it", () => {
  requireGolden(new URL("golden/commands.txt", import.meta.url), `${tree(root, "nild").join("\n")}\n`);
});

test("the version is package.json's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  expect(VERSION).toBe(version);
  expect(await nild("--version")).toMatchObject({ exit: 0, stdout: `${version}\n` });
});

const messages = SERVICES.flatMap(({ module, msg }) => (msg?.methods ?? []).map((method) => [`${module} ${commandNameOf(method)}`, module, method] as const));
const queries = SERVICES.flatMap(({ module, query }) => query.methods.map((method) => [`${module} ${commandNameOf(method)}`, module, method] as const));

test.each(messages)("tx %s takes every field of its message but the signer", (_name, module, method) => {
  const self = find("tx", module, commandNameOf(method));
  const signer = signerFieldOf(method.input);
  expect(signer).toBeDefined();
  const flags = new Set(self.options.map(({ long }) => long));
  for (const field of method.input.fields) expect([field.name, flags.has(`--${flagOf(field)}`)]).toEqual([field.name, field.name !== signer]);
  expect(self.options.find(({ long }) => long === "--from")).toMatchObject({ mandatory: true });
  expect(self.registeredArguments.map((each) => each.name())).not.toContain(signer!.replaceAll("_", "-"));
});

test.each(queries)("query %s takes every field of its request", (_name, module, method) => {
  const self = find("query", module, commandNameOf(method));
  const flags = self.options.map(({ long }) => long);
  expect(flags).toEqual(expect.arrayContaining(method.input.fields.map((field) => `--${flagOf(field)}`)));
  expect(flags).toEqual(expect.arrayContaining(["--grpc-addr", "--height", "--output", "--json"]));
  // A position that names no field would swallow what somebody types.
  const names = method.input.fields.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...positionalsOf(method)]));
});

test("no flag of any command takes a secret", () => {
  const secret = /mnemonic|passphrase|password|private|seed|secret/;
  const flagsOf = (self: Command): string[] => [...self.options.map(({ flags }) => flags), ...self.commands.flatMap(flagsOf)];
  const suspicious = flagsOf(root).filter((flags) => secret.test(flags));
  expect([...new Set(suspicious)]).toEqual(["--mnemonic-file <file>"]);
});

describe("command lines that are refused, whole, with exit code 2", () => {
  test.each([
    [[]],
    [["--json"]],
    [["fly"]],
    [["tx"]],
    [["tx", "bank"]],
    [["tx", "moon", "send"]],
    [["query", "bank", "balance", "--no-such-flag", "1"]],
    [["query", "bank", "balance", "a", "b", "c"]],
    [["query", "epoch", "epoch", "-o", "yaml"]],
    [["put"]],
    [["put", "file"]],
    [["keys", "add"]],
    [["start", "--free-ports", "--port-offset", "5"]],
    [["start", "--port-offset", "70000"]],
    [["dev", "--providers", "101"]],
    [["dev", "--log-level", "loud"]],
    [["provider", "init", "--keyring-backend", "os"]],
    [["nilfs", "inspect", "file"]],
  ])("nild %p", async (argv) => {
    expect((await nild(...argv)).exit).toBe(2);
    const inJson = await nildJson(...argv);
    expect(inJson.exit).toBe(2);
    if (inJson.stdout !== "") expect(inJson.code()).toBe("cli/usage");
  });

  test("the JSON shape is the same however it was asked for", async () => {
    for (const flags of [["--json"], ["-o", "json"], ["-ojson"], ["--output", "json"], ["--output=json"]]) {
      const { last } = await nild("query", "bank", "nothing", ...flags);
      expect(last()).toMatchObject({ ok: false, error: { codespace: "cli", code: "usage" } });
    }
  });

  test("an unknown flag's value is not repeated: it may be a secret", async () => {
    const { exit, stdout, stderr } = await nildJson("keys", "add", "bob", "--mnemonic=planted words of a secret");
    expect(exit).toBe(2);
    expect(stdout + stderr).not.toMatch(/planted/);
    expect(stderr).toMatch(/--mnemonic/);
  });

  test("words behind a key's name are too many, and not repeated", async () => {
    const { exit, stdout, stderr } = await nildJson("keys", "add", "bob", "planted", "words");
    expect(exit).toBe(2);
    expect(stdout + stderr).not.toMatch(/planted/);
  });
});

test.each([[["--help"]], [["tx", "--help"]], [["put", "--help"]], [["tx", "bank", "send", "--help"]]])("nild %p is an answer, not a failure", async (argv) => {
  const { exit, stdout } = await nild(...argv);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^Usage: nild /);
});

test("a query to a node that is not there: exit 3", async () => {
  const { exit, last } = await nildJson("query", "bank", "params", "--grpc-addr", "http://127.0.0.1:9");
  expect(exit).toBe(3);
  expect(last()).toMatchObject({ error: { codespace: "cli", code: "unreachable" } });
});

test.each([["not a url"], ["ftp://127.0.0.1:1"], ["127.0.0.1:9090"], [""]])("%p as --grpc-addr or --node is refused before any call", async (address) => {
  expect((await nildJson("query", "bank", "params", "--grpc-addr", address)).code()).toBe("cli/usage");
  expect((await nildJson("status", "--node", address)).code()).toBe("cli/usage");
});
