import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { BINARY, Child } from "nild/cmd";

/** One story told to the built binary. It throws as soon as something does not hold. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  run(stage: Stage): Promise<void>;
}

/** A command that has ended. */
export interface Ended {
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** stdout's last line, parsed; undefined when it is not JSON. */
  readonly last: unknown;
}

export interface RefusalJson {
  readonly ok: false;
  readonly error: { readonly code: string | number; readonly codespace: string; readonly message: string; readonly hint: string };
}

/** What a scenario works with: a folder of its own, processes that end with it, and steps that are told as they hold. */
export class Stage {
  readonly #children: Child[] = [];
  #steps = 0;

  constructor(
    readonly folder: string,
    private readonly say: (text: string) => void,
  ) {
    mkdirSync(join(folder, "logs"), { recursive: true });
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs a step and says that it held; `work` may return a figure worth showing. */
  async step<T>(what: string, work: () => Promise<T> | T): Promise<T> {
    const started = Date.now();
    let value: T;
    try {
      value = await work();
    } catch (error) {
      this.say(`  ✗ ${what}`);
      throw error;
    }
    this.#steps++;
    this.say(`  ✓ ${what}${typeof value === "string" ? `: ${value}` : ""} (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
    return value;
  }

  /** A `nild` that goes on running; `Ready` is its first line of JSON. */
  async start<Ready>(name: string, args: readonly string[]): Promise<{ child: Child; ready: Ready }> {
    const started = await Child.start<Ready>(name, args, join(this.folder, "logs", `${name}.log`));
    this.#children.push(started.child);
    return started;
  }

  /** A `nild` that does one thing. Its environment names no home: every command says where it works. */
  nild(args: readonly string[], input = ""): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--no-warnings=ExperimentalWarning", BINARY, ...args], { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      child.once("error", reject);
      child.once("close", (code, signal) => {
        const stdout = Buffer.concat(out);
        const stderr = Buffer.concat(err).toString("utf8");
        if (code === null) reject(new Error(`nild ${args.join(" ")} ended by ${signal ?? "nothing"}\n${stderr}`));
        else resolve({ exit: code, stdout, stderr, last: lastLine(stdout) });
      });
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });
  }

  /** Runs a command whose reader goes away at once, as in `nild … | head -0`. */
  unread(args: readonly string[]): Promise<{ exit: number | null; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--no-warnings=ExperimentalWarning", BINARY, ...args], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.destroy();
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
      child.once("error", reject);
      child.once("close", (exit) => resolve({ exit, stderr }));
    });
  }

  /** Runs a command with JSON output that must succeed; its result. */
  async held<T>(args: readonly string[], input = ""): Promise<T> {
    const { exit, last, stderr } = await this.nild([...args, "--json"], input);
    if (exit !== 0 || last === undefined) throw new Error(`nild ${args.join(" ")} exited ${exit}\n${stderr}`);
    return last as T;
  }

  /** Runs a command that must be refused, with this exit code and this stable code, in the one shape that errors have. */
  async refused(args: readonly string[], exit: number, codespace: string, code: string | number): Promise<RefusalJson["error"]> {
    const ended = await this.nild([...args, "--json"]);
    const { ok, error } = (ended.last ?? {}) as Partial<RefusalJson>;
    const shape = error && Object.keys(error).sort().join() === "code,codespace,hint,message" && typeof error.message === "string" && typeof error.hint === "string";
    if (ok !== false || !shape) throw new Error(`nild ${args.join(" ")}: stdout ends without an error object: ${ended.stdout.toString("utf8").slice(-500)}`);
    if (ended.exit !== exit || error.codespace !== codespace || error.code !== code) {
      throw new Error(`nild ${args.join(" ")}: exit ${ended.exit}, ${error.codespace}/${error.code} (${error.message}); expected exit ${exit}, ${codespace}/${code}`);
    }
    return error;
  }

  /** Ends all that runs. */
  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }
}

function lastLine(stdout: Buffer): unknown {
  const line = stdout.toString("utf8").trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const OFFSETS = { from: 1_000, to: 6_000 };

/** A --port-offset under which every one of these standard ports is free. */
export async function freeOffset(ports: readonly number[]): Promise<number> {
  for (;;) {
    const offset = OFFSETS.from + Math.floor(Math.random() * (OFFSETS.to - OFFSETS.from));
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Asks until there is an answer. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
