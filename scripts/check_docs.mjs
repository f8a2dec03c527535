/**
 * Checks what prose promises: links resolve, code blocks are regions of real files, command lines name commands that
 * exist, every module's README names its state, errors, events, parameters and invariants, the reference is fresh.
 *   node scripts/check_docs.mjs [--write]     (needs a build; --write fills the code blocks from their files)
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fillBlocks } from "./docs/code_blocks.mjs";
import { commandFaults } from "./docs/command_lines.mjs";
import { readmeFaults } from "./docs/module_readmes.mjs";

const write = process.argv.includes("--write");
const problems = [];
const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { encoding: "utf8" });
for (const file of stdout.split("\n").filter((each) => each && existsSync(each))) {
  const text = readFileSync(file, "utf8");
  const { filled, faults } = fillBlocks(text);
  problems.push(...faults.map((fault) => `${file}: ${fault}`));
  if (filled !== text) {
    if (write) writeFileSync(file, filled);
    else problems.push(`${file}: a code block differs from its file; run \`node scripts/check_docs.mjs --write\` and read the diff`);
  }
  // Brackets and parentheses of code are no links.
  for (const [, link] of text.replace(/^```[^]*?^```/gm, "").matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:|#)/.test(link)) continue;
    if (!existsSync(join(dirname(file), link.split("#")[0]))) problems.push(`${file}: link to ${link} leads nowhere`);
  }
  if (file === "README.md" || file.startsWith("docs/guides/")) problems.push(...commandFaults(text).map((fault) => `${file}: ${fault}`));
}
for (const module of readdirSync("x")) {
  for (const wanted of ["README.md", "index.ts", "module.ts", "test"]) {
    if (!existsSync(join("x", module, wanted))) problems.push(`x/${module}: ${wanted} is missing`);
  }
}
problems.push(...readmeFaults());
if (spawnSync(process.execPath, ["scripts/reference.mjs", "--check"], { stdio: "inherit" }).status !== 0) problems.push("docs/reference is stale");
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
