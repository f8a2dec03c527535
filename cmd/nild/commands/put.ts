import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { put } from "nild/client";
import { parseProfile } from "nild/nilfs";
import { action, command } from "../command.js";
import { parseInteger } from "../fields.js";
import { lazyKzg } from "../kzg.js";
import { usageError } from "../output.js";
import { Progress } from "../progress.js";
import { type SigningFlags, signingContext, withSigningFlags } from "../signing.js";

interface PutFlags extends SigningFlags {
  deal?: string;
  profile?: string;
  duration?: string;
  deposit?: string;
  path?: string;
  maxMonthlySpend: string;
  publicRead?: boolean;
  replace?: boolean;
}

const MAX_U64 = (1n << 64n) - 1n;
const MAX_AMOUNT = (1n << 256n) - 1n;

/** `nild put`: a file into a deal, new or given. */
export function putCommand(): Command {
  const self = withSigningFlags(command("put", "store a file: encode, upload to the slots' providers, commit on chain").argument("<file>"))
    .option("--deal <id>", "an existing deal (otherwise a new one is made)")
    .option("--profile <K+M>", "erasure profile of a new deal (default 8+4)")
    .option("--duration <blocks>", "blocks that a new deal lasts")
    .option("--deposit <unil>", "unil moved into a new deal's escrow")
    .option("--max-monthly-spend <unil>", "bounds what others may make a new deal pay", "0")
    .option("--public-read", "anybody may open paid reads of a new deal")
    .option("--replace", "let the file take the place of what the deal holds")
    .option("--path <name>", "the file's name in the deal (default: its own)");
  return action<PutFlags>(self, async ({ options, out, home }, file) => {
    const bytes = await readWhole(file!);
    const progress = new Progress(process.stderr, out.format === "json");
    const context = { ...(await signingContext(options, home)), kzg: lazyKzg(out.note.bind(out)) };
    const result = await put(context, {
      files: [{ path: options.path ?? basename(file!), bytes }],
      deal: dealOf(options),
      replace: options.replace ?? false,
      onProgress: ({ phase, done, total }) => progress.update(phase, done, total),
    });
    progress.end();
    out.result({
      ok: true,
      deal_id: result.dealId,
      generation: result.generation,
      manifest_root: result.manifestRoot,
      bytes: bytes.length,
      size_bytes: result.sizeBytes,
      total_mdus: result.totalMdus,
      acked_slots: result.ackedSlots,
      failed_slots: result.failed.map(({ slot, provider, code, reason }) => ({ slot, provider, code, reason })),
      charged: result.charged,
      tx_hash: result.txHash,
    });
  });
}

function dealOf(flags: PutFlags): Parameters<typeof put>[1]["deal"] {
  if (flags.deal !== undefined) {
    if (flags.profile ?? flags.duration ?? flags.deposit) throw usageError("--profile, --duration and --deposit are for a new deal, not with --deal");
    return parseInteger("--deal", flags.deal, MAX_U64);
  }
  if (flags.duration === undefined || flags.deposit === undefined) throw usageError("a new deal needs --duration and --deposit", "or name an existing one with --deal ID");
  return {
    profile: parseProfile(flags.profile ?? "8+4"),
    durationBlocks: parseInteger("--duration", flags.duration, MAX_U64),
    deposit: parseAmount("--deposit", flags.deposit),
    maxMonthlySpend: parseAmount("--max-monthly-spend", flags.maxMonthlySpend),
    publicRead: flags.publicRead ?? false,
  };
}

/** unil, with or without the denom behind it. */
export function parseAmount(flag: string, text: string): bigint {
  const match = /^(0|[1-9][0-9]{0,77})(unil)?$/.exec(text);
  const amount = match && BigInt(match[1]!);
  if (amount === null || amount > MAX_AMOUNT) throw usageError(`${flag} is an amount of unil, not "${text}"`, "write it like 1000000 or 1000000unil");
  return amount;
}

async function readWhole(file: string): Promise<Uint8Array> {
  const info = await stat(file);
  if (!info.isFile()) throw usageError(`${file} is not a regular file`);
  return readFile(file);
}
