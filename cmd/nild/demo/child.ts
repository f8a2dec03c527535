import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CliError, EXIT } from "../output.js";

/** The compiled entry of `nild`. */
export const BINARY = fileURLToPath(new URL("../main.js", import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const LOG_TAIL = 2_000;

/** A `nild` of its own process: its log in a file, its first line of JSON when it is ready. */
export class Child {
  /** Every child of this process that has not ended, started whole or not. */
  static readonly #live = new Set<Child>();
  static #closed = false;

  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  #running = true;
  #exitCode: number | undefined;

  private constructor(
    readonly name: string,
    readonly logFile: string,
    args: readonly string[],
  ) {
    if (Child.#closed) throw new CliError(EXIT.failed, "interrupted", `${name} was not started: everything is being stopped`);
    const log = openSync(logFile, "a");
    this.#process = spawn(process.execPath, ["--no-warnings=ExperimentalWarning", BINARY, ...args, "--json"], { stdio: ["ignore", "pipe", log] });
    closeSync(log);
    this.exited = new Promise((resolve) => {
      this.#process.once("exit", (code) => {
        this.#running = false;
        this.#exitCode = code ?? undefined;
        Child.#live.delete(this);
        resolve();
      });
      this.#process.once("error", () => resolve());
    });
    Child.#live.add(this);
  }

  /** Stops all that were started, ready or not, and lets nothing start any more. */
  static async stopAll(): Promise<void> {
    Child.#closed = true;
    await Promise.all([...Child.#live].map((child) => child.stop()));
  }

  /** Starts one and waits until it says that it is ready. */
  static async start<Ready>(name: string, args: readonly string[], logFile: string): Promise<{ child: Child; ready: Ready }> {
    const child = new Child(name, logFile, args);
    try {
      return { child, ready: (await child.#firstLine()) as Ready };
    } catch (error) {
      await child.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Once it has ended by itself or was stopped; undefined while it runs and after a kill. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  #firstLine(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let text = "";
      const fail = (why: string): void => {
        reject(new CliError(EXIT.failed, "child_failed", `${this.name} ${why}`, `its log ends:\n${this.#logTail()}`));
      };
      const timer = setTimeout(() => fail(`was not ready within ${READY_TIMEOUT_MS / 1000} s`), READY_TIMEOUT_MS);
      this.#process.stdout!.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
        const end = text.indexOf("\n");
        if (end < 0) return;
        clearTimeout(timer);
        try {
          resolve(JSON.parse(text.slice(0, end)));
        } catch {
          fail(`printed "${text.slice(0, end)}" instead of its ready line`);
        }
      });
      void this.exited.then(() => {
        clearTimeout(timer);
        fail("ended before it was ready");
      });
    });
  }

  #logTail(): string {
    return readFileSync(this.logFile, "utf8").slice(-LOG_TAIL);
  }

  /** SIGTERM, and SIGKILL if that is not heeded. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#process.kill("SIGKILL");
    await this.exited;
  }
}
