import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Scenario, Stage } from "./scenario.js";

/** `npm run e2e [-- scenario …] [--json]`: stories told to the built binary. Exit 0 only if all of them held. */
const SCENARIOS: Readonly<Record<string, () => Promise<{ scenario: Scenario }>>> = {
  operator: () => import("./operator.js"),
  restart: () => import("./restart.js"),
  client: () => import("./client.js"),
  cosmjs: () => import("./cosmjs.js"),
  provider: () => import("./provider.js"),
};

interface Outcome {
  readonly name: string;
  readonly held: boolean;
  readonly steps: number;
  readonly seconds: number;
  readonly problem?: string;
  /** Kept, with homes and logs, when it failed. */
  readonly folder?: string;
}

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((arg) => !arg.startsWith("-"));
const unknown = wanted.find((name) => !(name in SCENARIOS)) ?? args.find((arg) => arg.startsWith("-") && arg !== "--json");
if (unknown !== undefined) {
  process.stderr.write(`no scenario or flag "${unknown}": scenarios are ${Object.keys(SCENARIOS).join(", ")}; the flag is --json\n`);
  process.exit(2);
}

const say = (text: string): void => void (json ? process.stderr : process.stdout).write(`${text}\n`);
let running: Stage | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void (running?.end() ?? Promise.resolve()).finally(() => process.exit(130)));
}

const outcomes: Outcome[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(SCENARIOS)) {
  const { scenario } = await SCENARIOS[name]!();
  outcomes.push(await play(scenario));
}
const held = outcomes.every((outcome) => outcome.held);
say(`\n${outcomes.map(row).join("\n")}\n${held ? "All held" : "NOT all held"}`);
if (json) process.stdout.write(`${JSON.stringify({ ok: held, scenarios: outcomes })}\n`);
process.exitCode = held ? 0 : 1;

async function play(scenario: Scenario): Promise<Outcome> {
  say(`${scenario.name}: ${scenario.about}`);
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), `nild-e2e-${scenario.name}-`));
  const stage = (running = new Stage(folder, say));
  let problem: string | undefined;
  try {
    await scenario.run(stage);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    say(`    ${(error instanceof Error ? (error.stack ?? problem) : problem).replaceAll("\n", "\n    ")}\n    homes and logs are in ${folder}`);
  } finally {
    await stage.end();
  }
  if (problem === undefined) await rm(folder, { recursive: true, force: true });
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  return { name: scenario.name, held: problem === undefined, steps: stage.steps, seconds, ...(problem === undefined ? {} : { problem, folder }) };
}

function row({ name, held: ok, steps, seconds, problem }: Outcome): string {
  return `${ok ? "✓" : "✗"} ${name.padEnd(10)} ${String(steps).padStart(3)} steps ${seconds.toFixed(1).padStart(6)} s${problem === undefined ? "" : `  ${problem.split("\n")[0]!}`}`;
}
