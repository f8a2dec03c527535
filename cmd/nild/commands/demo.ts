import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import type { Command } from "commander";
import { action, command } from "../command.js";
import { type DemoResult, runDemo } from "../demo/demo.js";
import { moneyTable } from "../demo/money.js";
import { EXIT, usageError } from "../output.js";
import { Progress } from "../progress.js";

/** About 9 MB that every checkout has. */
const defaultFile = (): string => createRequire(fileURLToPath(import.meta.url)).resolve("typescript/lib/typescript.js");

/** `nild demo`: the main job on a real file, start to end. Exit 0 only if all of it held. */
export function demoCommand(): Command {
  const self = command("demo", "the main job on a real file: a chain, 14 providers, a crash, a repair, a liar, and the books", { home: false })
    .argument("[file]", "default: node_modules/typescript/lib/typescript.js")
    .option("--keep", "keep the homes and logs");
  return action<{ keep?: boolean }>(self, async ({ options, out }, given) => {
    const started = Date.now();
    const file = given ?? defaultFile();
    const { size } = await stat(file);
    if (size === 0) throw usageError(`${file} is empty: there is nothing to store`);
    const stage = { progress: new Progress(), say: (text: string) => out.note(text) };
    const result = await runDemo(file, stage, { keep: options.keep ?? false });
    const seconds = Math.round((Date.now() - started) / 100) / 10;
    const ok = holds(result);
    out.result(resultJson(result, file, seconds, ok), summary(result, seconds, ok));
    if (!ok) process.exitCode = EXIT.failed;
  });
}

function holds({ byteEqual, money, invariants, proofsVerified }: DemoResult): boolean {
  return Object.values(byteEqual).every(Boolean) && money.sum === 0n && Object.values(invariants).every(Boolean) && proofsVerified > 0n;
}

function resultJson(result: DemoResult, file: string, seconds: number, ok: boolean): unknown {
  const { money } = result;
  return {
    ok,
    file,
    bytes: result.bytes,
    deal_id: result.dealId,
    manifest_root: result.manifestRoot,
    generation: result.generation,
    commit_mib_per_s: Math.round(result.commitMibPerS * 100) / 100,
    epochs: result.epochs,
    proofs_verified: result.proofsVerified,
    byte_equal: [result.byteEqual.after_upload, result.byteEqual.during_repair, result.byteEqual.after_repair, result.byteEqual.after_corruption],
    repaired_slot: result.repairedSlot,
    liar: result.liar,
    money: { deposited: money.deposited, paid: money.paid, burned: money.burned, refunded: money.refunded, held: money.held, fees: money.fees, sum: money.sum },
    invariants: result.invariants,
    app_hash: result.appHash,
    heights: result.heights,
    seconds,
  };
}

function summary(result: DemoResult, seconds: number, ok: boolean): string {
  const broken = Object.entries(result.invariants).filter(([, held]) => !held);
  return [
    moneyTable(result.money, result.names),
    `  invariants: ${broken.length === 0 ? "all hold" : `BROKEN: ${broken.map(([name]) => name).join(", ")}`}`,
    `${ok ? "All of it held" : "NOT all of it held"}: ${result.proofsVerified} openings verified on chain in ${result.epochs} epochs, ${seconds} s`,
  ].join("\n");
}
