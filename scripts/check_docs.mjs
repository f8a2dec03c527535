// Checks what prose promises: links resolve, every module has its README, the reference is fresh.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const problems = [];
const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { encoding: "utf8" });
for (const file of stdout.split("\n").filter((each) => each && existsSync(each))) {
  for (const [, link] of readFileSync(file, "utf8").matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:|#)/.test(link)) continue;
    if (!existsSync(join(dirname(file), link.split("#")[0]))) problems.push(`${file}: link to ${link} leads nowhere`);
  }
}
for (const module of readdirSync("x")) {
  for (const wanted of ["README.md", "index.ts", "module.ts", "test"]) {
    if (!existsSync(join("x", module, wanted))) problems.push(`x/${module}: ${wanted} is missing`);
  }
}
if (spawnSync(process.execPath, ["scripts/reference.mjs", "--check"], { stdio: "inherit" }).status !== 0) problems.push("docs/reference is stale");
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
