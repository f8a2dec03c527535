import { Writable } from "node:stream";
import { createLog } from "../log/log.js";

function capture(format: "text" | "json" | "auto", isTTY = false): { log: ReturnType<typeof createLog>; text: () => string } {
  let text = "";
  const out = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString("utf8");
        done();
      },
    }),
    { isTTY },
  );
  return { log: createLog({ level: "info", format, out }), text: () => text };
}

const SECRET = "planted-secret";

test.each(["text", "json"] as const)("a planted secret never shows in %s", (format) => {
  const { log, text } = capture(format);
  for (const field of ["mnemonic", "privKey", "priv_key", "privateKey", "passphrase", "password", "secret", "seed"]) {
    log.info({ [field]: SECRET }, "top");
    log.error({ inner: { [field]: SECRET } }, "below");
  }
  expect(text()).not.toContain(SECRET);
  expect(text()).toContain("[secret]");
});

test("a terminal gets text, a pipe one JSON object a line", () => {
  const terminal = capture("auto", true);
  const pipe = capture("auto", false);
  for (const { log } of [terminal, pipe]) log.info({ height: "7", err: new Error("why") }, "block");
  expect(terminal.text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}block height=7 err="why"\n$/);
  expect(JSON.parse(pipe.text())).toMatchObject({ level: "info", msg: "block", height: "7", err: { message: "why" } });
});

test("what is below the level is not written", () => {
  const { log, text } = capture("json");
  log.debug("quiet");
  expect(text()).toBe("");
});
