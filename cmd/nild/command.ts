import { homedir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { type Format, Output, usageError } from "./output.js";

/** What every command's action gets: its parsed options and where to write. */
export interface Invocation<O> {
  readonly options: O;
  readonly out: Output;
  readonly home: string;
}

interface CommonOptions {
  output: Format;
  json?: boolean;
  home?: string;
}

/** A command with the options that all commands share; `home: false` leaves that one to the command. */
export function command(name: string, description: string, options: { home?: boolean } = {}): Command {
  const self = new Command(name)
    .description(description)
    .addOption(new Option("-o, --output <format>", "how results are written").choices(["text", "json"]).default("text"))
    .option("--json", "same as -o json")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return options.home === false ? self : self.option("--home <dir>", "the home folder (NILD_HOME)");
}

/** A command that only holds others. */
export function group(name: string, description: string, children: readonly Command[]): Command {
  const parent = new Command(name).description(description).exitOverride().configureOutput({ writeErr: () => undefined });
  for (const child of children) parent.addCommand(child);
  parent.action((_options, self: Command) => {
    const [wanted] = self.args;
    throw usageError(wanted ? `nild ${pathOf(parent)} has no command "${wanted}"` : `nild ${pathOf(parent)} needs a command`, `one of: ${children.map((child) => child.name()).join(", ")}`);
  });
  parent.allowExcessArguments(true);
  return parent;
}

function pathOf(self: Command): string {
  const parts: string[] = [];
  for (let at: Command | null = self; at?.parent; at = at.parent) parts.unshift(at.name());
  return parts.join(" ");
}

export const defaultHome = (): string => process.env["NILD_HOME"] ?? join(homedir(), ".nild");

/** Ties an action to a command; positional arguments come first, then the invocation. */
export function action<O extends object>(target: Command, run: (call: Invocation<O>, ...args: string[]) => Promise<void> | void): Command {
  return target.action(async (...received: unknown[]) => {
    const args = received.slice(0, -2) as string[];
    const options = received.at(-2) as O & CommonOptions;
    const format: Format = options.json ? "json" : options.output;
    await run({ options, out: new Output(format), home: options.home ?? defaultHome() }, ...args);
  });
}

/** True when JSON output was asked for, before the parser has run: parse errors must come in that form too. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.includes("--json") || argv.some((arg, i) => arg === "-ojson" || arg === "--output=json" || ((arg === "-o" || arg === "--output") && argv[i + 1] === "json"));
}
