import { Writable } from "node:stream";
import { type Logger, pino } from "pino";

export type Log = Logger;

export interface LogOptions {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** "auto": text on a terminal, one JSON object a line otherwise. */
  readonly format: "auto" | "text" | "json";
  /** Default: standard error, because standard output belongs to a command's result. */
  readonly out?: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Fields that must never reach a log, at the top or one level down. */
const SECRET_FIELDS = ["mnemonic", "privKey", "priv_key", "privateKey", "passphrase", "password", "secret", "seed"];

export function createLog(options: LogOptions): Log {
  const out = options.out ?? process.stderr;
  const text = options.format === "text" || (options.format === "auto" && out.isTTY === true);
  return pino(
    {
      level: options.level,
      base: null,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: "[secret]" },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    text ? textStream(out) : out,
  );
}

/** `12:00:01.123 INFO  block height=7 txs=2` */
function textStream(out: NodeJS.WritableStream): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.write(textLine(chunk.toString("utf8")), () => done());
    },
  });
}

function textLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  return `${[clock, String(level).toUpperCase().padEnd(5), msg ?? "", ...rest].join(" ")}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("message" in value) return JSON.stringify(value.message);
  return JSON.stringify(value);
}
