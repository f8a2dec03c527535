import { CommanderError } from "commander";
import { wantsJson } from "./command.js";
import { EXIT, Output, usageError } from "./output.js";
import { program } from "./program.js";

/** Runs one command line and tells its exit code. Every failure leaves through here, with a code and a hint. */
export async function run(argv: readonly string[]): Promise<number> {
  const root = await program(argv);
  try {
    await root.parseAsync(argv as string[], { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.held;
  } catch (error) {
    const out = new Output(wantsJson(argv) ? "json" : "text");
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.held;
      if (error.code === "commander.help") {
        process.stderr.write(root.helpInformation());
        return EXIT.usage;
      }
      // An unknown flag's value may be a secret that somebody tried to pass: it is not repeated.
      return out.failure(usageError(error.message.replace(/^error: /, "").replace(/'(-[^'=]*)=.*'/s, "'$1'")));
    }
    if (process.env["NILD_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return out.failure(error);
  }
}
