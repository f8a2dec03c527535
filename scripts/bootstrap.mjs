// What stands behind every npm script: installs and builds what is missing or stale, says so on stderr, then runs the task.
//   node scripts/bootstrap.mjs test|demo|nild|bench|e2e|build [args]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name) => join(root, "node_modules", ".bin", name);
const say = (text) => process.stderr.write(`[nild] ${text}\n`);

/** Runs a command with output on stderr (stdout belongs to the task); ends this process when it fails. */
function step(what, command, args, options = {}) {
  const started = Date.now();
  say(`${what} …`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (error || status !== 0) {
    say(`${what}: failed${error ? ` (${error.message})` : ""}. The lines above say why.`);
    process.exit(status || 1);
  }
  say(`${what}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** The files below `paths`, in a fixed order. */
function filesBelow(paths, keep = () => true) {
  const found = [];
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) walk(child);
      else if (keep(child)) found.push(child);
    }
  };
  for (const path of paths) {
    if (!existsSync(join(root, path))) continue;
    if (/\.[a-z]+$/.test(path)) found.push(path);
    else walk(path);
  }
  return found.sort();
}

/** One digest of the contents of files: a build step runs again only when its inputs changed. */
function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update("\0").update(readFileSync(join(root, file))).update("\0");
  return hash.digest("hex");
}

function whenStale(stamp, inputs, work) {
  const file = join(root, stamp);
  const now = digest(inputs);
  if (existsSync(file) && readFileSync(file, "utf8") === now) return;
  rmSync(file, { force: true });
  work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, now);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
    process.exit(2);
  }
}

const SOURCES = ["sdk", "nilfs", "x", "app", "node", "provider", "client", "cmd", "e2e", "bench"];
const isTest = (file) => /\/test\//.test(file);

function build() {
  checkNode();
  whenStale("node_modules/.nild-lock", ["package-lock.json"], () =>
    step("installing packages (npm ci)", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
  );
  whenStale("gen/.proto-stamp", filesBelow(["proto", "docs/tutorial/vault/proto", "buf.yaml", "buf.gen.yaml", "scripts/gen.mjs"]), () =>
    step("generating code from proto/", process.execPath, ["scripts/gen.mjs"]),
  );
  whenStale("gen/wasm/.stamp", filesBelow(["nilfs/assembly", "nilfs/kzg/setup.bin", "scripts/build_kernel.mjs"]), () =>
    step("building the WebAssembly kernels", process.execPath, ["scripts/build_kernel.mjs"]),
  );
  const inputs = filesBelow([...SOURCES, "gen", "tsconfig.json", "tsconfig.build.json"], (file) => !isTest(file) && /\.(ts|json|bin)$/.test(file));
  whenStale("dist/.stamp", inputs, () => {
    step("compiling", bin("tsc"), ["-p", "tsconfig.build.json"]);
    // What is read beside the compiled code at run time.
    for (const file of filesBelow(SOURCES, (each) => /\.(bin|json)$/.test(each) && !isTest(each))) {
      const target = join(root, "dist", relative(".", file));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(root, file), target);
    }
    cpSync(join(root, "gen/image.binpb"), join(root, "dist/gen/image.binpb"));
  });
}

/** Hands the terminal to the task; its exit code is ours. */
function run(command, args, env = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: process.cwd(), stdio: "inherit", env: { ...process.env, ...env } });
  process.exit(signal ? 1 : (status ?? 1));
}

function test(args) {
  const jest = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning", join(root, "node_modules/jest/bin/jest.js")];
  if (args.length > 0) run(process.execPath, [...jest, "--rootDir", root, ...args]);
  const results = join(root, "dist/test-results.json");
  rmSync(results, { force: true }); // a step that fails must not leave an older run's count behind
  step("schema: lint and breaking changes", process.execPath, ["scripts/check_proto.mjs"]);
  step("types, tests included", bin("tsc"), ["-p", "tsconfig.json", "--noEmit"]);
  step("types, deterministic zone without ambient globals", bin("tsc"), ["-p", "tsconfig.zone.json"]);
  step("lint", bin("eslint"), ["--cache", "--cache-location", "dist/.eslintcache", "."]);
  step("promises of the docs", process.execPath, ["scripts/check_docs.mjs"]);
  run(process.execPath, [...jest, "--rootDir", root, "--json", "--outputFile", results]);
}

const nild = (args) => run(process.execPath, ["--no-warnings=ExperimentalWarning", join(root, "dist/cmd/nild/main.js"), ...args]);
const [task, ...args] = process.argv.slice(2);
const tasks = {
  build: () => process.exit(0),
  test: () => test(args),
  nild: () => nild(args),
  demo: () => nild(["demo", ...args]),
  bench: () => run(process.execPath, [join(root, "dist/bench/main.js"), ...args]),
  e2e: () => run(process.execPath, [join(root, "dist/e2e/main.js"), ...args]),
};
if (!tasks[task]) {
  say(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join("|")} [args]`);
  process.exit(2);
}
build();
tasks[task]();
