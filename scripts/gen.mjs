/**
 * Generates gen/ from proto/: protobuf-es code, ts-proto code and the schema image with its comments.
 * Builds aside and then copies only what changed, so that a running compiler never sees half of it, and leaves
 * alone what other build steps put there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "gen");
const FOREIGN = new Set(["wasm"]);

/** The tutorial's module: generated beside our own code, but no part of the published schema, its image or its baseline. */
const TUTORIAL = "docs/tutorial/vault/proto";
const TUTORIAL_CONFIG = { version: "v2", modules: [{ path: "proto" }, { path: TUTORIAL }] };
const TUTORIAL_TEMPLATE = {
  version: "v2",
  plugins: [{ local: "node_modules/.bin/protoc-gen-es", out: ".", opt: ["target=ts", "import_extension=js"] }],
};

function buf(...args) {
  execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

function install(staged) {
  const wanted = filesBelow(staged);
  let changed = 0;
  for (const name of wanted) {
    const content = readFileSync(join(staged, name));
    const path = join(target, name);
    if (existsSync(path) && readFileSync(path).equals(content)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
    changed++;
  }
  const keep = new Set(wanted);
  for (const name of filesBelow(target)) {
    if (FOREIGN.has(name.split(/[\\/]/)[0]) || keep.has(name) || name.endsWith(".new")) continue;
    rmSync(join(target, name));
    changed++;
  }
  return { total: wanted.length, changed };
}

const staged = mkdtempSync(join(tmpdir(), "nild-gen-"));
try {
  buf("generate", "proto", "-o", staged);
  buf("build", "proto", "-o", join(staged, "image.binpb"));
  buf("generate", ".", "--path", `${TUTORIAL}/vault`, "--config", JSON.stringify(TUTORIAL_CONFIG), "--template", JSON.stringify(TUTORIAL_TEMPLATE), "-o", staged);
  const { total, changed } = install(staged);
  console.log(`gen: ${total} files from proto/, ${changed} changed`);
} finally {
  rmSync(staged, { recursive: true, force: true });
}
