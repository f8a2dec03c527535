import { Code, ConnectError } from "@connectrpc/connect";
import { bytesToHex } from "@noble/hashes/utils.js";
import { NilfsError, type NilfsErrorCode } from "nild/nilfs";
import { NodeError, errnoOf, messageOf } from "nild/node";
import { JsonError, SdkError } from "nild/sdk";

/** Exit codes of every command (docs/guides/cli.md). */
export const EXIT = { held: 0, failed: 1, usage: 2, unreachable: 3, refused: 4 } as const;

/** A failure for the person at the terminal: what was wrong, a stable code, and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  constructor(
    readonly exit: number,
    /** Stable: "usage", "unreachable", "verification_failed", or the chain's "<codespace>/<code>". */
    readonly code: string | number,
    message: string,
    readonly hint = "",
    readonly codespace = "cli",
  ) {
    super(message);
  }
}

export const usageError = (message: string, hint = "see the command's --help"): CliError => new CliError(EXIT.usage, "usage", message, hint);

export type Format = "text" | "json";

/** What JSON output may hold. 64-bit integers are strings, bytes 0x-hex (docs/guides/cli.md). */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Turns bigints and bytes into their JSON forms, keys untouched. */
export function toJsonValue(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return `0x${bytesToHex(value)}`;
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJsonValue(each)]));
  }
  return value as Json;
}

/**
 * One command's output. With `json`, stdout's last line is one object and all else goes to stderr; with `text`, results
 * go to stdout as lines.
 */
export class Output {
  constructor(
    readonly format: Format,
    private readonly stdout: NodeJS.WritableStream = process.stdout,
    private readonly stderr: NodeJS.WritableStream = process.stderr,
  ) {}

  /** The command's result: an object for machines and how a person reads it. */
  result(value: unknown, text?: string): void {
    if (this.format === "json") this.stdout.write(`${JSON.stringify(toJsonValue(value))}\n`);
    else this.stdout.write(`${text ?? textOf(toJsonValue(value))}\n`);
  }

  /** Progress and remarks: never part of the result. */
  note(text: string): void {
    (this.format === "json" ? this.stderr : this.stdout).write(`${text}\n`);
  }

  failure(error: unknown): number {
    const failure = asCliError(error);
    if (this.format === "json") {
      const { code, codespace, message, hint } = failure;
      this.stdout.write(`${JSON.stringify({ ok: false, error: { code, codespace, message, hint } })}\n`);
    }
    this.stderr.write(`Error: ${failure.message}\n${failure.hint ? `  ${failure.hint}\n` : ""}`);
    return failure.exit;
  }
}

/** YAML-like lines, for people. */
export function textOf(value: Json, indent = ""): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}[]`;
    return value.map((each) => (isBranch(each) ? `${indent}-\n${textOf(each, `${indent}  `)}` : `${indent}- ${scalarText(each)}`)).join("\n");
  }
  if (isBranch(value)) {
    return Object.entries(value as Record<string, Json>)
      .map(([key, each]) => (isBranch(each) && Object.keys(each as object).length > 0 ? `${indent}${key}:\n${textOf(each, `${indent}  `)}` : `${indent}${key}: ${scalarText(each)}`))
      .join("\n");
  }
  return `${indent}${scalarText(value)}`;
}

const isBranch = (value: Json): boolean => typeof value === "object" && value !== null;
const scalarText = (value: Json): string => (typeof value === "object" && value !== null ? (Array.isArray(value) ? "[]" : "{}") : String(value));

/** Errors of every layer, in the terms of the command line. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  // What the chain refused comes as ChainError; an SdkError was thrown here, by a value that this command was given.
  if (error instanceof SdkError) return new CliError(EXIT.usage, error.code, error.message, "", error.codespace);
  if (error instanceof JsonError) return new CliError(EXIT.usage, "bad_json", error.message, "the path names where it is in the document");
  if (error instanceof NilfsError) return new CliError(INPUT_CODES.has(error.code) ? EXIT.usage : EXIT.failed, error.code, error.message, "", "nilfs");
  if (error instanceof NodeError) return fromNode(error);
  if (error instanceof ConnectError) return fromConnect(error);
  // By shape: errors of the system may come from another realm.
  const errno = errnoOf(error);
  if (errno !== undefined && /^E[A-Z0-9]+$/.test(errno)) {
    const isPath = PATH_ERRNOS.has(errno);
    return new CliError(isPath ? EXIT.usage : EXIT.failed, errno, messageOf(error), isPath ? "check the path and its permissions" : "", "os");
  }
  if (isTypedFailure(error)) return new CliError(error.exit ?? EXIT.failed, error.code, error.message, error.hint ?? "", error.codespace ?? "nild");
  return new CliError(EXIT.failed, "internal", messageOf(error), "this is a bug if the command was right: run it again with NILD_DEBUG=1 for the stack");
}

/** Errors of the format that lie in what the command was given, not in what it found. */
const INPUT_CODES: ReadonlySet<NilfsErrorCode> = new Set(["bad_profile", "bad_integer", "bad_path", "bad_scalar", "bad_json", "index_out_of_range", "slab_too_large", "io"]);
const PATH_ERRNOS: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EEXIST", "EISDIR", "ENOTDIR", "EPERM", "EROFS", "ENAMETOOLONG"]);

/** Homes, keys, configurations and genesis files are input; the rest is the node's own. */
function fromNode({ code, message, hint = "" }: NodeError): CliError {
  const [codespace, number] = code.split("/");
  if (number !== undefined) return new CliError(EXIT.usage, Number(number), message, hint, codespace);
  return new CliError(/^(config|genesis|key|keyring)\./.test(code) ? EXIT.usage : EXIT.failed, code, message, hint, "node");
}

function fromConnect(error: ConnectError): CliError {
  if (error.code === Code.Unavailable || error.code === Code.DeadlineExceeded || /ECONNREFUSED|ECONNRESET|ENOTFOUND/.test(error.message)) {
    return new CliError(EXIT.unreachable, "unreachable", `the node does not answer: ${error.rawMessage}`, "is it running? start one with `nild start` or `nild dev`, or name it with --grpc-addr");
  }
  // The module that refused a query says so beside gRPC's own code.
  const codespace = error.metadata.get("x-nild-codespace");
  const code = error.metadata.get("x-nild-code");
  if (codespace !== null && code !== null) return new CliError(EXIT.failed, Number(code), error.rawMessage, "", codespace);
  return new CliError(EXIT.failed, Code[error.code] ?? "unknown", error.rawMessage, "", "grpc");
}

/** Errors of client, chain and providers carry a code and a hint of their own. */
function isTypedFailure(error: unknown): error is Error & { code: string | number; codespace?: string; hint?: string; exit?: number } {
  return error instanceof Error && "code" in error && (typeof error.code === "string" || typeof error.code === "number");
}
