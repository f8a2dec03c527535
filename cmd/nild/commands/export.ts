import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { Home, createLog, genesisText } from "nild/node";
import { action, command } from "../command.js";
import { openApplication } from "../run_node.js";

/** `nild export`: the state of a stopped node as the genesis of a new chain. */
export function exportCommand(): Command {
  const self = command("export", "the state of a stopped node as a genesis file").option("-O, --out-file <file>", "where to write it (default: standard output); must not be there");
  return action<{ outFile?: string }>(self, async ({ options, out, home }) => {
    const { app, genesis, close } = await openApplication(new Home(home), createLog({ level: "error", format: "auto" }));
    try {
      const { lastBlockHeight, lastBlockAppHash } = app.info();
      // The state's epochs, deadlines and ends are heights, so the new chain goes on where this one stopped.
      const text = genesisText({ ...genesis, initialHeight: lastBlockHeight + 1n, appState: new TextEncoder().encode(app.exportGenesis()) });
      if (options.outFile === undefined) {
        out.result(JSON.parse(text), text);
        return;
      }
      await writeFile(options.outFile, text, { flag: "wx" });
      out.result({ ok: true, out: options.outFile, height: lastBlockHeight, app_hash: lastBlockAppHash });
    } finally {
      await close();
    }
  });
}
