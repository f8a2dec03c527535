// Lints our schema and compares it with the committed baseline image: a field number, once published, is never reused.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const buf = (...args) => {
  const { status } = spawnSync("node_modules/.bin/buf", args, { stdio: "inherit" });
  if (status !== 0) process.exit(1);
};
buf("lint");
if (!existsSync("proto/baseline.binpb")) {
  process.stderr.write("proto/baseline.binpb is missing: make it with `npx buf build -o proto/baseline.binpb` and commit it.\n");
  process.exit(1);
}
buf("breaking", "--against", "proto/baseline.binpb");
