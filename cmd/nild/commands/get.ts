import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { type GetResult, get } from "nild/client";
import { action, command } from "../command.js";
import { parseInteger } from "../fields.js";
import { lazyKzg } from "../kzg.js";
import { Progress } from "../progress.js";
import { type SigningFlags, signingContext, withSigningFlags } from "../signing.js";

interface GetFlags extends SigningFlags {
  outFile?: string;
}

/** `nild get`: a file out of a deal, every byte verified, through paid sessions. */
export function getCommand(): Command {
  const self = withSigningFlags(command("get", "fetch a file through paid sessions; every byte is verified").argument("<deal>").argument("<path>")).option(
    "-O, --out-file <file>",
    "where to write it; - is standard output (default: the path's last part)",
  );
  return action<GetFlags>(self, async ({ options, out, home }, deal, path) => {
    const dealId = parseInteger("DEAL", deal!, (1n << 64n) - 1n);
    const target = options.outFile ?? basename(path!);
    const progress = new Progress(process.stderr, out.format === "json" || target === "-");
    const context = { ...(await signingContext(options, home)), kzg: lazyKzg(out.note.bind(out)) };
    const fetchTo = (sink: (chunk: Uint8Array) => Promise<void>): Promise<GetResult> =>
      get(context, { dealId, path: path!, sink, onProgress: ({ phase, done, total }) => progress.update(phase, done, total) });
    const result = target === "-" ? await fetchTo(writeStdout) : await writeFileWhole(target, fetchTo);
    progress.end();
    for (const { provider, slot, detail } of result.liars) process.stderr.write(`slot ${slot}: ${provider} answered falsely: ${detail}\n`);
    if (target !== "-") out.result(report(dealId, path!, target, result));
  });
}

function report(dealId: bigint, path: string, target: string, result: GetResult): unknown {
  return {
    ok: true,
    deal_id: dealId,
    path,
    out: target,
    bytes: result.length,
    sessions: result.sessions.map(({ id, slot, provider, blobs, confirmed }) => ({ id, slot, provider, blobs, confirmed })),
    liars: result.liars.map(({ provider, slot, reason, detail }) => ({ provider, slot, reason, detail })),
    missing: result.missing.map(({ slot, provider, code, reason }) => ({ slot, provider, code, reason })),
  };
}

function writeStdout(chunk: Uint8Array): Promise<void> {
  return new Promise((done, fail) => process.stdout.write(chunk, (error) => (error ? fail(error) : done())));
}

/** The file appears under its name only when it is whole. */
async function writeFileWhole(target: string, fetchTo: (sink: (chunk: Uint8Array) => Promise<void>) => Promise<GetResult>): Promise<GetResult> {
  const folder = await mkdtemp(join(dirname(resolve(target)), ".nild-get-"));
  try {
    const part = join(folder, "part");
    const file = await open(part, "wx");
    let result: GetResult;
    try {
      result = await fetchTo(async (chunk) => {
        await file.writeFile(chunk);
      });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, target);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
