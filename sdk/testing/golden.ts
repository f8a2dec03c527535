import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Compares `actual` with a committed file: `requireGolden(new URL("golden/events.txt", import.meta.url), text)`.
 * NILD_UPDATE_GOLDEN=1 writes the file instead; look at the diff before you commit it.
 */
export function requireGolden(file: URL, actual: string): void {
  const path = fileURLToPath(file);
  if (process.env["NILD_UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  if (!existsSync(path)) throw new Error(`golden file ${path} does not exist; run once with NILD_UPDATE_GOLDEN=1`);
  const expected = readFileSync(path, "utf8");
  if (expected === actual) return;
  const actualLines = actual.split("\n");
  const expectedLines = expected.split("\n");
  const line = actualLines.findIndex((text, i) => text !== expectedLines[i]);
  const at = line < 0 ? actualLines.length : line;
  throw new Error(`differs from ${path} at line ${at + 1}:\n- ${expectedLines[at] ?? "(end)"}\n+ ${actualLines[at] ?? "(end)"}`);
}
