import { cpus, totalmem } from "node:os";
import type { Row } from "./row.js";

/** `npm run bench [-- nilfs|state|sends …] [--json]`: what ours costs beside a peer or the physical limit, in one run. */
const SUITES: Readonly<Record<string, () => Promise<{ run(): Promise<Row[]> }>>> = {
  nilfs: () => import("./nilfs.js"),
  state: () => import("./state.js"),
  sends: () => import("./sends.js"),
};

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((arg) => !arg.startsWith("-"));
const unknown = wanted.find((name) => !(name in SUITES));
if (unknown !== undefined) {
  process.stderr.write(`no bench "${unknown}": one of ${Object.keys(SUITES).join(", ")}\n`);
  process.exit(2);
}

const rows: (Row & { suite: string })[] = [];
for (const suite of wanted.length > 0 ? wanted : Object.keys(SUITES)) {
  process.stderr.write(`${suite} …\n`);
  const { run } = await SUITES[suite]!();
  for (const row of await run()) rows.push({ suite, ...row });
}

const machine = `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.versions.node}, ${process.platform} ${process.arch}`;
if (json) {
  process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
} else {
  const figure = (value: number | undefined): string => (value === undefined ? "–" : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const cells = rows.map(({ suite, name, ours, unit, peer, ratio, note }) => [suite, name, figure(ours), unit, figure(peer), ratio === undefined ? "–" : `×${ratio.toFixed(2)}`, note ?? ""]);
  const head = ["suite", "what", "ours", "unit", "beside", "ratio", "note"];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  process.stdout.write(`${machine}\n\n${line(head)}\n| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n${cells.map(line).join("\n")}\n`);
}
