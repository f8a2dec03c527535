import { jest } from "@jest/globals";
import { run } from "../nild/run.js";

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout's last line, parsed. */
  readonly last: () => Record<string, unknown>;
  /** "<codespace>/<code>" of a failure in JSON. */
  readonly code: () => string;
}

/** Runs one command line in this process, its output caught. */
export async function nild(...argv: string[]): Promise<Ran> {
  let [stdout, stderr] = ["", ""];
  const out = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => ((stdout += String(chunk)), true));
  const err = jest.spyOn(process.stderr, "write").mockImplementation((chunk) => ((stderr += String(chunk)), true));
  try {
    const exit = await run(argv);
    const last = (): Record<string, unknown> => JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
    const code = (): string => {
      const { codespace, code: number } = last()["error"] as { codespace: string; code: string | number };
      return `${codespace}/${number}`;
    };
    return { exit, stdout, stderr, last, code };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** As `nild`, with JSON output. */
export const nildJson = (...argv: string[]): Promise<Ran> => nild(...argv, "--json");
