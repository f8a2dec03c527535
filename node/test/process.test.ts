import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformFileSync } from "@swc/core";

/** Signals and exits need a process of their own, so the file is compiled beside dist/ and run there. */
const source = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeAll(() => {
  const dist = join(source, "..", "dist");
  mkdirSync(dist, { recursive: true });
  folder = mkdtempSync(join(dist, "process-test-"));
  for (const file of ["errors", "process"]) {
    const { code } = transformFileSync(join(source, `${file}.ts`), { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" }, swcrc: false });
    writeFileSync(join(folder, `${file}.js`), code);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a service whose stop says "stopped"; resolves when it is up. */
async function start(body: string, stop = 'console.log("stopped")'): Promise<{ child: ChildProcess; ended: Promise<{ code: number | null; output: string }> }> {
  const script = `
    import { runUntilStopped } from ${JSON.stringify(join(folder, "process.js"))};
    const say = (_fields, message) => console.log(message);
    const log = { info: say, fatal: say, error: say };
    let fail; const failed = new Promise((_, reject) => (fail = reject));
    setInterval(() => undefined, 1000);
    const service = { failed, stop: async () => { ${stop} } };
    const done = runUntilStopped(service, log).then((code) => process.exit(code));
    console.log("up");
    ${body}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env: { ...process.env, NODE_OPTIONS: "" } });
  let output = "";
  const up = new Promise<void>((resolve) => child.stdout.on("data", (data: Buffer) => void ((output += data.toString()), output.includes("up") && resolve())));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => child.on("close", (code) => resolve({ code, output })));
  await up;
  return { child, ended };
}

test.each(["SIGTERM", "SIGINT"] as const)("%s stops the service and exits 0", async (signal) => {
  const { child, ended } = await start("");
  child.kill(signal);
  expect(await ended).toMatchObject({ code: 0, output: expect.stringMatching(/stopping\n(.*\n)*stopped/) as string });
});

test.each([
  ["an unhandled rejection", 'Promise.reject(new Error("planted"))'],
  ["an uncaught exception", 'setImmediate(() => { throw new Error("planted") })'],
  ["the service's own failure", 'fail(new Error("planted"))'],
])("%s is logged, the service stopped, and the exit not zero", async (_name, body) => {
  const { ended } = await start(body);
  expect(await ended).toMatchObject({ code: 1, output: expect.stringMatching(/planted\n(.*\n)*stopped/) as string });
});

test("a stop that fails exits non-zero", async () => {
  const { child, ended } = await start("", 'throw new Error("cannot stop")');
  child.kill("SIGTERM");
  expect((await ended).code).toBe(1);
});

test("a second signal does not wait for the stop", async () => {
  const { child, ended } = await start("", "console.log('waiting'); await new Promise(() => undefined)");
  child.stdout!.on("data", (data: Buffer) => void (data.toString().includes("waiting") && child.kill("SIGTERM")));
  child.kill("SIGTERM");
  expect((await ended).code).toBe(130);
});
