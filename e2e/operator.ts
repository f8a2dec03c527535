import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Scenario, type Stage, eventually } from "./scenario.js";

interface Ready {
  readonly chain_id: string;
  readonly height: string;
  readonly endpoints: { readonly rpc: string; readonly grpc: string };
}

/** A chain by hand, one command after the other, as an operator makes it. */
export const scenario: Scenario = { name: "operator", about: "init, keys, genesis, start, status, tx and query by hand", run };

async function run(stage: Stage): Promise<void> {
  const home = join(stage.folder, "home");
  const test = ["--home", home, "--keyring-backend", "test"];
  await stage.step("init makes a home, and will not make it twice", async () => {
    await stage.held(["init", "one", "--home", home, "--chain-id", "hand-made-7"]);
    await stage.refused(["init", "one", "--home", home], 2, "cli", "home_exists");
  });
  const [alice, bob] = await stage.step("keys are made; words on the command line are refused and not repeated", async () => {
    const { address: first } = await stage.held<{ address: string }>(["keys", "add", "alice", ...test]);
    const { address: second } = await stage.held<{ address: string }>(["keys", "add", "bob", ...test]);
    const { message } = await stage.refused(["keys", "add", "carol", "--mnemonic=planted secret words", ...test], 2, "cli", "usage");
    assert.ok(!message.includes("planted"));
    return [first, second] as const;
  });
  await stage.step("a key in a file is sealed by a passphrase from standard input; a wrong one opens nothing", async () => {
    const sealed = ["--home", home, "--keyring-backend", "file"];
    await stage.held(["keys", "add", "dora", ...sealed], "correct horse\n");
    const out = join(stage.folder, "dora.txt");
    const { exit, stderr } = await stage.nild(["keys", "export", "dora", out, ...sealed], "wrong horse\n");
    assert.equal(exit, 2);
    assert.match(stderr, /^Error: invalid account password\n$/);
  });
  await stage.step("the genesis takes accounts, and is checked", async () => {
    await stage.held(["genesis", "add-genesis-account", "alice", "5000000unil", ...test]);
    await stage.refused(["genesis", "add-genesis-account", "nil1broken", "5unil", ...test], 2, "sdk", 7);
    await stage.held(["genesis", "validate", "--home", home]);
    const broken = join(stage.folder, "genesis.json");
    const genesis = await readFile(join(home, "config", "genesis.json"), "utf8");
    await writeFile(broken, genesis.replace('"supply":[]', '"supply":[{"denom":"unil","amount":"4999999"}]'));
    await stage.refused(["genesis", "validate", broken], 2, "sdk", 10);
  });
  const { child, ready } = await stage.step("it starts", () => stage.start<Ready>("node", ["start", "--home", home, "--free-ports", "--block-time", "200"]));
  const node = ["--grpc-addr", ready.endpoints.grpc];
  await stage.step("a second node on this home is refused", () => stage.refused(["start", "--home", home, "--free-ports"], 1, "node", "db.locked"));
  await stage.step("status knows the chain and its height", async () => {
    assert.equal(ready.chain_id, "hand-made-7");
    await eventually("block 2", async () => {
      const { node_info, sync_info } = await stage.held<{ node_info: { network: string }; sync_info: { latest_block_height: string } }>(["status", "--node", ready.endpoints.rpc]);
      assert.equal(node_info.network, "hand-made-7");
      return Number(sync_info.latest_block_height) >= 2 ? true : undefined;
    });
  });
  await stage.step("a send moves its amount, and costs its fee", async () => {
    const sent = await stage.held<{ tx_hash: string; gas_wanted: string }>(["tx", "bank", "send", bob, "1234unil", "--from", "alice", ...test, ...node]);
    assert.match(sent.tx_hash, /^[0-9A-F]{64}$/);
    const balanceOf = async (address: string): Promise<bigint> => BigInt((await stage.held<{ balance: { amount: string } }>(["query", "bank", "balance", address, "unil", ...node])).balance.amount);
    assert.equal(await balanceOf(bob), 1234n);
    const fee = (BigInt(sent.gas_wanted) + 999n) / 1_000n;
    assert.equal(await balanceOf(alice), 5_000_000n - 1_234n - fee);
  });
  await stage.step("a reader that goes away is no failure", async () => {
    assert.deepEqual(await stage.unread(["query", "bank", "params", ...node]), { exit: 0, stderr: "" });
  });
  await stage.step("SIGTERM ends it with exit code 0", async () => {
    await child.stop();
    assert.equal(child.exitCode, 0);
  });
}
