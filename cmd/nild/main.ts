#!/usr/bin/env node
import { EXIT } from "./output.js";
import { run } from "./run.js";

// A reader that went away (`nild … | head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.held);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
