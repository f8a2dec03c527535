import type { Command } from "commander";
import { parseProfile } from "nild/nilfs";
import { type OfflineEncodeOptions, decode, encode, inspect, prove, verify } from "nild/nilfs/offline";
import { action, command, group } from "../command.js";
import { parseHex, parseInteger } from "../fields.js";
import { loadKzg } from "../kzg.js";
import { CliError, EXIT, type Output, usageError } from "../output.js";
import { Progress } from "../progress.js";

interface EncodeFlags {
  profile: string;
  path?: string;
  timestamp: string;
  maxUserMdus?: string;
}

/** `nild nilfs`: the storage format on plain files, without a chain. */
export function nilfsCommand(): Command {
  return group("nilfs", "the storage format, offline", [inspectCommand(), encodeCommand(), decodeCommand(), proveCommand(), verifyCommand()]);
}

function withEncodeFlags(self: Command): Command {
  return self
    .requiredOption("--profile <K+M>", "erasure profile, like 8+4")
    .option("--path <name>", "the file's name in the slab (default: its own)")
    .option("--timestamp <seconds>", "the file's time in the slab", "0")
    .option("--max-user-mdus <n>", "user MDUs to reserve room for (default: what the file needs)");
}

function encodeOptions(flags: EncodeFlags, out: Output): OfflineEncodeOptions {
  const progress = new Progress(process.stderr, out.format === "json");
  return {
    profile: parseProfile(flags.profile),
    timestamp: parseInteger("--timestamp", flags.timestamp, (1n << 63n) - 1n),
    ...(flags.path === undefined ? {} : { path: flags.path }),
    ...(flags.maxUserMdus === undefined ? {} : { maxUserMdus: Number(parseInteger("--max-user-mdus", flags.maxUserMdus, 4096n)) }),
    onProgress: ({ doneBytes, totalBytes }) => progress.update("commit", doneBytes, totalBytes),
  };
}

function inspectCommand(): Command {
  const self = withEncodeFlags(command("inspect", "encode a file in memory and show its roots and shard digests").argument("<file>"));
  return action<EncodeFlags>(self, async ({ options, out }, file) => {
    const { prover } = await loadKzg(out.note.bind(out));
    out.result(await inspect(prover, file!, encodeOptions(options, out)));
  });
}

function encodeCommand(): Command {
  const self = withEncodeFlags(command("encode", "write a file's artifacts and slab.json into a new folder").argument("<file>").argument("<outdir>"));
  return action<EncodeFlags>(self, async ({ options, out }, file, outDir) => {
    const { prover } = await loadKzg(out.note.bind(out));
    out.result(await encode(prover, file!, outDir!, encodeOptions(options, out)));
  });
}

function decodeCommand(): Command {
  const self = command("decode", "write the file back from any K slots of a folder of artifacts")
    .argument("<outdir>", "the folder that encode made")
    .argument("<out>", "the file to write")
    .option("--path <name>", "which file of the slab (default: the only one)");
  return action<{ path?: string }>(self, async ({ options, out }, folder, target) => {
    const { prover } = await loadKzg(out.note.bind(out));
    out.result(await decode(prover, folder!, target!, options.path));
  });
}

function proveCommand(): Command {
  const self = command("prove", "open one blob at a point, with its hops up to the manifest root")
    .argument("<outdir>", "the folder that encode made")
    .requiredOption("--mdu <i>", "MDU index: 0, witness, or user")
    .requiredOption("--leaf <j>", "leaf index in that MDU")
    .requiredOption("--z <hex>", "the point: 32 bytes, 0x-hex, below the field's order");
  return action<{ mdu: string; leaf: string; z: string }>(self, async ({ options, out }, folder) => {
    const place = {
      mduIndex: Number(parseInteger("--mdu", options.mdu, 4095n)),
      leafIndex: Number(parseInteger("--leaf", options.leaf, 4095n)),
      z: parseHex("--z", options.z),
    };
    if (place.z.length !== 32) throw usageError(`--z has ${place.z.length} bytes, not 32`);
    const { prover } = await loadKzg(out.note.bind(out));
    const proof = await prove(prover, folder!, place);
    out.result(proof, JSON.stringify(proof, null, 2));
  });
}

function verifyCommand(): Command {
  const self = command("verify", "check a proof: exit 0 it holds, 1 it does not (the failing hop is named: manifest, merkle, opening, or input for numbers out of their range), 2 it cannot be read").argument("<proof.json>");
  return action(self, async ({ out }, file) => {
    const { verifier } = await loadKzg(out.note.bind(out));
    const verdict = await verify(verifier, file!);
    if (verdict.exit === 2) throw new CliError(EXIT.usage, verdict.error.code, verdict.error.message, "give the JSON that `nild nilfs prove` prints", "nilfs");
    if (verdict.exit === 1) throw new CliError(EXIT.failed, verdict.hop, `the ${verdict.hop} hop does not hold: ${verdict.detail}`, "", "nilfs");
    out.result({ ok: true }, "the proof holds");
  });
}
