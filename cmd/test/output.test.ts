import { Writable } from "node:stream";
import { Code, ConnectError } from "@connectrpc/connect";
import { ChainError, ClientError, ProviderError } from "nild/client";
import { NilfsError } from "nild/nilfs";
import { NodeError } from "nild/node";
import { JsonError, SdkError } from "nild/sdk";
import { CliError, Output, asCliError, textOf, toJsonValue, usageError } from "../nild/output.js";

class Text extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function output(format: "json" | "text"): { out: Output; stdout: Text; stderr: Text } {
  const [stdout, stderr] = [new Text(), new Text()];
  return { out: new Output(format, stdout, stderr), stdout, stderr };
}

const errno = (code: string): Error => Object.assign(new Error(`${code}: of the system`), { code });
const refused = new ConnectError("no such deal", Code.Unknown, { "x-nild-codespace": "deal", "x-nild-code": "2" });

test.each<[string, unknown, number, string, string | number]>([
  ["a usage error", usageError("wrong"), 2, "cli", "usage"],
  ["a CliError of any kind", new CliError(3, "unreachable", "gone"), 3, "cli", "unreachable"],
  ["a refused transaction", new ChainError({ codespace: "sdk", code: 5, log: "poor", txHash: "" }), 4, "sdk", 5],
  ["a failed transaction", new ChainError({ codespace: "deal", code: 7, log: "", txHash: "AB", height: 9n }), 4, "deal", 7],
  ["a client that reaches no node", new ClientError("unreachable", "gone", "start it"), 3, "client", "unreachable"],
  ["a client that waited too long", new ClientError("timed_out", "slow", ""), 3, "client", "timed_out"],
  ["a client with a bad key", new ClientError("bad_key", "bad", ""), 2, "client", "bad_key"],
  ["a client with too few acks", new ClientError("too_few_acks", "few", ""), 1, "client", "too_few_acks"],
  ["a provider's answer", new ProviderError(507, "insufficient_storage", "full"), 1, "nild", "insufficient_storage"],
  ["a value that the chain's own rules refuse", new SdkError("sdk", 7, "InvalidAddress", "no address"), 2, "sdk", 7],
  ["a profile that is none", new NilfsError("bad_profile", "9+9"), 2, "nilfs", "bad_profile"],
  ["data that does not hold", new NilfsError("metadata_mismatch", "other root"), 1, "nilfs", "metadata_mismatch"],
  ["a configuration", new NodeError("config.wrong_type", "port"), 2, "node", "config.wrong_type"],
  ["a key that is not there", new NodeError("keyring.not_found", "bob"), 2, "node", "keyring.not_found"],
  ["a wrong passphrase", new NodeError("sdk/23", "invalid account password"), 2, "sdk", 23],
  ["a database in use", new NodeError("db.locked", "busy"), 1, "node", "db.locked"],
  ["JSON that is none", new JsonError("bank.balances[3]", "expected a string"), 2, "cli", "bad_json"],
  ["a query to nobody", new ConnectError("refused", Code.Unavailable), 3, "cli", "unreachable"],
  ["a query that took too long", new ConnectError("slow", Code.DeadlineExceeded), 3, "cli", "unreachable"],
  ["a query that a module refused", refused, 1, "deal", 2],
  ["a query that the node refused", new ConnectError("height 9 is not there", Code.OutOfRange), 1, "grpc", "OutOfRange"],
  ["a missing file", errno("ENOENT"), 2, "os", "ENOENT"],
  ["a file that is there already", errno("EEXIST"), 2, "os", "EEXIST"],
  ["a full disk", errno("ENOSPC"), 1, "os", "ENOSPC"],
  ["a bug", new TypeError("x is not a function"), 1, "cli", "internal"],
  ["a thrown string", "boom", 1, "cli", "internal"],
  ["nothing at all", undefined, 1, "cli", "internal"],
])("%s ends with its exit code, codespace and code", (_name, error, exit, codespace, code) => {
  const found = asCliError(error);
  expect({ exit: found.exit, codespace: found.codespace, code: found.code }).toEqual({ exit, codespace, code });
  expect(output("text").out.failure(error)).toBe(exit);
});

test("with JSON a failure is one object on stdout's last line, words on stderr", () => {
  const { out, stdout, stderr } = output("json");
  out.note("a remark");
  expect(out.failure(new ClientError("no_content", "deal 3 is empty", "put a file first"))).toBe(1);
  expect(stdout.text).toBe('{"ok":false,"error":{"code":"no_content","codespace":"client","message":"deal 3 is empty","hint":"put a file first"}}\n');
  expect(stderr.text).toBe("a remark\nError: deal 3 is empty\n  put a file first\n");
});

test("as text a failure leaves stdout alone", () => {
  const { out, stdout, stderr } = output("text");
  out.failure(usageError("no", ""));
  expect([stdout.text, stderr.text]).toEqual(["", "Error: no\n"]);
});

test("a result in JSON is one line whatever it holds: integers as strings, bytes as hex", () => {
  const { out, stdout } = output("json");
  out.result({ big: 1n << 64n, bytes: Uint8Array.of(0, 255), text: "two\nlines", none: undefined, list: [1n] });
  expect(stdout.text).toBe('{"big":"18446744073709551616","bytes":"0x00ff","text":"two\\nlines","none":null,"list":["1"]}\n');
});

test("remarks go beside a JSON result, and before a text one", () => {
  const json = output("json");
  json.out.note("n");
  json.out.result({ ok: true });
  expect([json.stdout.text, json.stderr.text]).toEqual(['{"ok":true}\n', "n\n"]);
  const text = output("text");
  text.out.note("n");
  text.out.result({ ok: true }, "done");
  expect([text.stdout.text, text.stderr.text]).toEqual(["n\ndone\n", ""]);
});

test("text shows nesting by indent, and empty things as such", () => {
  expect(textOf(toJsonValue({ a: { b: [1n, { c: "x" }] }, none: [], nil: null, empty: {} }))).toBe("a:\n  b:\n    - 1\n    -\n      c: x\nnone: []\nnil: null\nempty: {}");
});

test("a key named __proto__ is data", () => {
  const value = toJsonValue(JSON.parse('{"__proto__":{"polluted":"yes"}}'));
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":"yes"}}');
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});
