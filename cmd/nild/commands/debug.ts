import type { Command } from "commander";
import { Home, createLog } from "nild/node";
import { action, command, group } from "../command.js";
import { CliError, EXIT } from "../output.js";
import { openApplication } from "../run_node.js";

/** `nild debug`: looks into a stopped node. */
export function debugCommand(): Command {
  return group("debug", "look into a stopped node", [invariantsCommand()]);
}

function invariantsCommand(): Command {
  return action(command("invariants", "check every module's invariants on the last committed state"), async ({ out, home }) => {
    const { app, close } = await openApplication(new Home(home), createLog({ level: "error", format: "auto" }));
    try {
      const entries = Object.entries(app.invariants());
      const broken = entries.filter(([, problem]) => problem !== undefined);
      if (broken.length > 0) {
        throw new CliError(EXIT.failed, "invariant_broken", broken.map(([name, problem]) => `${name}: ${problem}`).join("; "), "stop using this chain, keep its home, and report it");
      }
      out.result({ ok: true, height: app.info().lastBlockHeight, invariants: Object.fromEntries(entries.map(([name]) => [name, true])) });
    } finally {
      await close();
    }
  });
}
