import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDev } from "./dev_chain.js";
import { type Scenario, type Stage } from "./scenario.js";

const FILE_BYTES = 300_001;
const PROVIDERS = 6;
const NEW_DEAL = ["--profile", "4+2", "--duration", "1000", "--deposit", "100000000"];

interface Put {
  readonly deal_id: string;
  readonly generation: string;
  readonly acked_slots: readonly number[];
  readonly failed_slots: readonly unknown[];
}

/** What somebody with a file does at the terminal, and what happens when they get it wrong. */
export const scenario: Scenario = { name: "client", about: "put, ls and get on a dev chain, and every way to be refused", run };

async function run(stage: Stage): Promise<void> {
  const dev = await stage.step(`nild dev with ${PROVIDERS} providers is ready`, () => startDev(stage, PROVIDERS, 1_000));
  const { grpc, rpc } = dev.ready.endpoints;
  const node = ["--grpc-addr", grpc];
  const alice = dev.signed("alice");
  const [{ address: aliceAddress }, { address: bobAddress }] = [dev.ready.accounts[0]!, dev.ready.accounts[1]!];
  const bytes = randomBytes(FILE_BYTES);
  const file = join(stage.folder, "report.bin");
  await writeFile(file, bytes);

  const { deal_id: deal } = await stage.step("put stores a file in a new deal, acknowledged by every slot", async () => {
    const put = await stage.held<Put>(["put", file, ...NEW_DEAL, "--path", "docs/report.bin", ...alice]);
    assert.deepEqual({ generation: put.generation, acked: put.acked_slots, failed: put.failed_slots }, { generation: "1", acked: [0, 1, 2, 3, 4, 5], failed: [] });
    return put;
  });
  await stage.step("ls names it and its length", async () => {
    const { files } = await stage.held<{ files: { path: string; bytes: number }[] }>(["ls", deal, ...node]);
    assert.deepEqual(files.map(({ path, bytes: length }) => ({ path, length })), [{ path: "docs/report.bin", length: FILE_BYTES }]);
  });
  await stage.step("get writes it whole, under its own name by default", async () => {
    const got = await stage.held<{ out: string; bytes: number; liars: unknown[] }>(["get", deal, "docs/report.bin", ...alice]);
    assert.deepEqual({ out: got.out, bytes: got.bytes, liars: got.liars }, { out: "report.bin", bytes: FILE_BYTES, liars: [] });
    assert.ok(bytes.equals(await readFile(join(stage.folder, "report.bin"))));
  });
  await stage.step("get -O - writes the bytes and nothing else to stdout", async () => {
    const { exit, stdout } = await stage.nild(["get", deal, "docs/report.bin", "-O", "-", ...alice]);
    assert.equal(exit, 0);
    assert.ok(bytes.equals(stdout));
  });
  await stage.step("a file in place of what the deal holds needs --replace", async () => {
    await stage.refused(["put", file, "--deal", deal, ...alice], 1, "client", "deal_has_content");
    const { generation } = await stage.held<Put>(["put", file, "--deal", deal, "--replace", ...alice]);
    assert.equal(generation, "2");
  });
  await stage.step("deals, paths and files that are not there", async () => {
    await stage.refused(["get", "999", "report.bin", ...alice], 1, "client", "not_found");
    await stage.refused(["ls", "999", ...node], 1, "client", "not_found");
    await stage.refused(["get", deal, "nowhere.bin", ...alice], 1, "client", "file_not_found");
    await stage.refused(["put", join(stage.folder, "missing.bin"), ...NEW_DEAL, ...alice], 2, "os", "ENOENT");
  });
  await stage.step("flags and values that are wrong, before anything is sent", async () => {
    for (const args of [
      ["get", "deal-01", "x", ...alice],
      ["ls", deal, "--no-such-flag"],
      ["put", file, ...alice],
      ["put", file, "--deal", deal, "--profile", "4+2", ...alice],
      ["put", file, "--duration", "1e3", "--deposit", "5", ...alice],
      ["put", file, "--duration", "10", "--deposit", "-5", ...alice],
      ["tx", "bank", "send", bobAddress, "010unil", ...alice],
      ["query", "bank", "balance", aliceAddress, "unil", "--height", "-1"],
      ["query", "bank", "balance", aliceAddress, "unil", "--grpc-addr", "not a url"],
      ["keys", "ad"],
    ]) {
      await stage.refused(args, 2, "cli", "usage");
    }
    await stage.refused(["put", file, "--profile", "7+2", "--duration", "10", "--deposit", "5", ...alice], 2, "nilfs", "bad_profile");
    await stage.refused(["tx", "bank", "send", bobAddress, "1unil", ...dev.signed("nobody")], 2, "node", "keyring.not_found");
  });
  await stage.step("transactions that the chain refuses, with its codes", async () => {
    await stage.refused(["tx", "bank", "send", bobAddress, "9000000000000000unil", ...alice], 4, "sdk", 5);
    await stage.refused(["tx", "bank", "send", bobAddress, "1unil", "--gas", "200000", "--gas-prices", "0unil", ...alice], 4, "sdk", 13);
    await stage.refused(["tx", "bank", "send", "nil1nobody", "1unil", "--gas", "200000", ...alice], 4, "sdk", 7);
  });
  await stage.step("a refused transaction moved nothing but its fee", async () => {
    const { balance } = await stage.held<{ balance: { amount: string } }>(["query", "bank", "balance", bobAddress, "unil", ...node]);
    assert.equal(balance.amount, "1000000000000");
  });
  await stage.step("SIGTERM ends it with exit code 0", async () => {
    await dev.child.stop();
    assert.equal(dev.child.exitCode, 0);
  });
  await stage.step("with the node gone, commands say so with exit code 3", async () => {
    await stage.refused(["query", "bank", "balance", bobAddress, "unil", ...node], 3, "cli", "unreachable");
    await stage.refused(["status", "--node", rpc], 3, "cli", "unreachable");
    await stage.refused(["ls", deal, ...node], 3, "client", "unreachable");
    await stage.refused(["tx", "bank", "send", bobAddress, "1unil", ...alice], 3, "client", "unreachable");
  });
}
