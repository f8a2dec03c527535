import type { Command } from "commander";
import { ls } from "nild/client";
import { action, command } from "../command.js";
import { parseInteger } from "../fields.js";
import { lazyKzg } from "../kzg.js";
import { chainClient, withNodeFlag } from "../signing.js";

/** `nild ls`: the files of a deal; needs no key and no payment. */
export function lsCommand(): Command {
  const self = withNodeFlag(command("ls", "list a deal's files").argument("<deal>"));
  return action<{ grpcAddr: string }>(self, async ({ options, out }, deal) => {
    const dealId = parseInteger("DEAL", deal!, (1n << 64n) - 1n);
    const files = await ls({ chain: chainClient(options.grpcAddr), kzg: lazyKzg(out.note.bind(out)) }, dealId);
    const rows = files.map(({ path, length, timestamp, flags }) => ({ path, bytes: length, timestamp: timestamp.toString(), flags }));
    const width = Math.max(5, ...rows.map(({ bytes }) => String(bytes).length));
    out.result(
      { ok: true, deal_id: dealId, files: rows },
      [`${"BYTES".padStart(width)}  PATH`, ...rows.map(({ path, bytes }) => `${String(bytes).padStart(width)}  ${path}`)].join("\n"),
    );
  });
}
