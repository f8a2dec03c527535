import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformFileSync } from "@swc/core";
import { secp256k1PublicKey, sha256, signSecp256k1 } from "nild/sdk";
import { signatureCheckers } from "nild/x/auth";
import { PORTABLE, SECP256K1_INPUT_BYTES, loadSecp256k1 } from "../workers/secp256k1_verify.js";
import { startSignatureWorkers } from "../workers/signature_workers.js";
import { SILENT } from "./chain_fixture.js";

const reference = signatureCheckers["sig.secp256k1"]!;
const ORDER = Buffer.from("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "hex");

function input(seed: number): Uint8Array {
  const privateKey = new Uint8Array(32).fill(seed + 1);
  const message = Uint8Array.of(seed);
  return Buffer.concat([secp256k1PublicKey(privateKey), signSecp256k1(privateKey, message), sha256(message)]);
}

function spoiled(at: number, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(input(1));
  copy.set(bytes, at);
  return copy;
}

/** n - s: the other root of the same signature. */
function highS(): Uint8Array {
  const s = BigInt(`0x${Buffer.from(input(1).subarray(65, 97)).toString("hex")}`);
  const n = BigInt(`0x${ORDER.toString("hex")}`);
  return spoiled(65, Buffer.from((n - s).toString(16).padStart(64, "0"), "hex"));
}

const INVALID: readonly (readonly [string, Uint8Array])[] = [
  ["another digest", spoiled(97, Buffer.alloc(32, 9))],
  ["another key", spoiled(0, secp256k1PublicKey(new Uint8Array(32).fill(77)))],
  ["high S", highS()],
  ["r = 0", spoiled(33, Buffer.alloc(32))],
  ["s = 0", spoiled(65, Buffer.alloc(32))],
  ["r = n", spoiled(33, ORDER)],
  ["s = n", spoiled(65, ORDER)],
  ["r = 2^256 - 1", spoiled(33, Buffer.alloc(32, 0xff))],
  ["a key off the curve", spoiled(0, Buffer.concat([Uint8Array.of(2), Buffer.alloc(32, 0xff)]))],
  ["a key of zeros", spoiled(0, Buffer.alloc(33))],
  ["a hybrid key's first byte", spoiled(0, Uint8Array.of(6))],
  ["an uncompressed key's first byte", spoiled(0, Uint8Array.of(4))],
];

test("the prebuilt addon loads here, so the agreement below is between three programs", () => {
  expect(loadSecp256k1().name).toBe("native");
});

test.each(INVALID)("native, portable and the application's own checker all refuse %s", (_name, bytes) => {
  expect([loadSecp256k1().verify(bytes), PORTABLE.verify(bytes), reference(bytes)]).toEqual([false, false, false]);
});

test("all three accept good signatures, given as views into a larger buffer too", () => {
  const many = Buffer.concat(Array.from({ length: 20 }, (_, seed) => input(seed)));
  for (let at = 0; at < many.length; at += SECP256K1_INPUT_BYTES) {
    const view = many.subarray(at, at + SECP256K1_INPUT_BYTES);
    expect([loadSecp256k1().verify(view), PORTABLE.verify(view), reference(view)]).toEqual([true, true, true]);
  }
});

test.each([0, 64, 128, 130])("an input of %d bytes is not valid and nothing throws", async (length) => {
  expect(loadSecp256k1().verify(new Uint8Array(length))).toBe(false);
  const workers = startSignatureWorkers(SILENT);
  expect(await workers.check([new Uint8Array(length), input(1)])).toEqual([false, true]);
  await workers.stop();
});

/** Worker files are loaded compiled, so this compiles them beside dist/ and runs them in a process of their own. */
describe("compiled workers", () => {
  const source = fileURLToPath(new URL("..", import.meta.url));
  let folder: string;
  beforeAll(() => {
    const dist = join(source, "..", "dist");
    mkdirSync(dist, { recursive: true });
    folder = mkdtempSync(join(dist, "workers-test-"));
    mkdirSync(join(folder, "workers"));
    const files = ["errors.ts", ...readdirSync(join(source, "workers")).map((file) => `workers/${file}`)];
    for (const file of files) {
      const { code } = transformFileSync(join(source, file), { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" }, swcrc: false });
      writeFileSync(join(folder, file.replace(/ts$/, "js")), code);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(script: string): unknown {
    const prelude = `
      import { startSignatureWorkers } from ${JSON.stringify(join(folder, "workers/signature_workers.js"))};
      const log = { info() {}, warn() {}, error() {} };
      const good = Buffer.from(${JSON.stringify(Buffer.from(input(1)).toString("hex"))}, "hex");
      const bad = Buffer.from(${JSON.stringify(Buffer.from(highS()).toString("hex"))}, "hex");
      const inputs = Array.from({ length: 1000 }, (_, index) => (index % 3 === 0 ? bad : good));
    `;
    return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", prelude + script], { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } }));
  }

  test("verdicts come back in the order of the inputs, over several workers", () => {
    const verdicts = run(`
      const workers = startSignatureWorkers(log, { workers: 2 });
      console.log(JSON.stringify(await workers.check(inputs)));
      await workers.stop();
    `) as boolean[];
    expect(verdicts).toEqual(Array.from({ length: 1000 }, (_, index) => index % 3 !== 0));
  });

  test("a worker that dies fails its jobs and is replaced", () => {
    const outcome = run(`
      import { Worker } from "node:worker_threads";
      const spawned = [];
      const on = Worker.prototype.on;
      Worker.prototype.on = function (...given) { if (!spawned.includes(this)) spawned.push(this); return on.apply(this, given); };
      const workers = startSignatureWorkers(log, { workers: 1 });
      const job = workers.check(inputs).then(() => "answered", (error) => error.code);
      await spawned[0].terminate();
      const first = await job;
      const during = await workers.check(inputs).then(() => "answered", (error) => error.code);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const after = (await workers.check(inputs)).filter(Boolean).length;
      console.log(JSON.stringify([first, during, after]));
      await workers.stop();
    `);
    expect(outcome).toEqual(["worker.down", "worker.down", 666]);
  });
});
