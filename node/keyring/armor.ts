import { keyringErr } from "./errors.js";
import type { KeyFile } from "./sealed_key.js";

const BEGIN = "-----BEGIN NILD PRIVATE KEY-----";
const END = "-----END NILD PRIVATE KEY-----";
const LINE_CHARS = 64;

/** A sealed key as text that survives mail and terminals. */
export function armor(file: KeyFile): string {
  const base64 = Buffer.from(JSON.stringify(file)).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, "g")) ?? [];
  return `${[BEGIN, ...lines, END].join("\n")}\n`;
}

/** The key file's JSON text. */
export function unarmor(text: string): string {
  const lines = text.trim().split(/\r?\n/).map((line) => line.trim());
  if (lines[0] !== BEGIN || lines.at(-1) !== END) throw keyringErr.badArmor("its first or last line is missing");
  const base64 = lines.slice(1, -1).join("");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw keyringErr.badArmor("it is not base64");
  return bytes.toString("utf8");
}
