import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { CliError, EXIT } from "./output.js";

/**
 * Secrets come from a hidden prompt, from the file that NILD_PASSPHRASE_FILE names, or from standard input's next line;
 * never from the command line, where other users of the machine can read them.
 */
export async function readPassphrase(purpose: string): Promise<string> {
  const file = process.env["NILD_PASSPHRASE_FILE"];
  if (file !== undefined) return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  return readSecretLine(purpose);
}

export async function readSecretLine(purpose: string): Promise<string> {
  return process.stdin.isTTY ? prompt(`${purpose}: `) : nextLine();
}

/** Reads without echo; ^C restores the terminal and ends the command. */
function prompt(question: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    stderr.write(question);
    stdin.setRawMode(true);
    stdin.setEncoding("utf8");
    stdin.resume();
    let typed = "";
    const finish = (settle: () => void): void => {
      stdin.off("data", onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    const onData = (chunk: string): void => {
      for (const key of chunk) {
        if (key === "\r" || key === "\n") return finish(() => resolve(typed));
        if (key === "\u0003" || key === "\u0004") return finish(() => reject(new CliError(EXIT.failed, "interrupted", "stopped at the prompt; nothing was done")));
        if (key === "\u007f" || key === "\b") typed = typed.slice(0, -1);
        else if (key >= " ") typed += key;
      }
    };
    stdin.on("data", onData);
  });
}

let lines: AsyncIterator<string> | undefined;

async function nextLine(): Promise<string> {
  lines ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done) throw new CliError(EXIT.usage, "no_secret", "standard input ended where a secret was expected", "pipe it in, one line each, or set NILD_PASSPHRASE_FILE");
  return value;
}
