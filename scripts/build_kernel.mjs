// Builds what nilfs loads as data: the two WebAssembly kernels and the trusted setup, each as a module that exports
// base64, so that Node, browsers and workers load them the same way. Writes gen/wasm/*.ts; touches only what changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}gen/wasm/`;
mkdirSync(out, { recursive: true });

const MEMORY_PAGES = { gf256: 8, field: 16 };
const asc = await lazyCompiler();
for (const name of Object.keys(MEMORY_PAGES)) {
  const source = readFileSync(`${root}nilfs/assembly/${name}.ts`, "utf8");
  const stamp = createHash("sha256").update(source).update(String(MEMORY_PAGES[name])).digest("hex");
  const target = `${out}${name}.ts`;
  if (existsSync(target) && readFileSync(target, "utf8").includes(stamp)) continue;
  write(target, stamp, `nilfs/assembly/${name}.ts`, await asc(name, source, MEMORY_PAGES[name]));
}

const setup = readFileSync(`${root}nilfs/kzg/setup.bin`);
const setupStamp = createHash("sha256").update(setup).digest("hex");
const setupTarget = `${out}kzg_setup.ts`;
if (!existsSync(setupTarget) || !readFileSync(setupTarget, "utf8").includes(setupStamp)) {
  write(setupTarget, setupStamp, "nilfs/kzg/setup.bin", setup);
}
console.log("kernels: gen/wasm is up to date");

function write(target, stamp, from, bytes) {
  const text = `// Built by scripts/build_kernel.mjs from ${from}, sha256 ${stamp}\nexport const base64: string =\n  "${Buffer.from(bytes).toString("base64")}";\n`;
  writeFileSync(target, text);
}

// The compiler takes a second to load, so it is loaded only when a source has changed.
async function lazyCompiler() {
  return async (name, source, pages) => {
    const { default: compiler } = await import("assemblyscript/asc");
    let binary;
    const flags = ["--optimizeLevel", "3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--initialMemory", `${pages}`, "--memoryBase", "1024"];
    const result = await compiler.main([`${name}.ts`, "--outFile", `${name}.wasm`, ...flags], {
      readFile: (file) => (file === `${name}.ts` ? source : null),
      writeFile: (file, bytes) => {
        if (file.endsWith(".wasm")) binary = bytes;
      },
      listFiles: () => [],
    });
    if (result.error || binary === undefined) throw new Error(`nilfs/assembly/${name}.ts does not compile: ${result.error?.message}\n${result.stderr?.toString()}`);
    return binary;
  };
}
