import assert from "node:assert/strict";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient, coins } from "@cosmjs/stargate";
import { nildRegistry } from "nild/client";
import type { MsgCreateDeal } from "nild/gen/ts-proto/nil/deal/v1/tx.js";
import { startDev } from "./dev_chain.js";
import { type Scenario, type Stage } from "./scenario.js";

const PROVIDERS = 6;

/** Stock CosmJS against our JSON-RPC: it knows nothing of us but a registry of message types. */
export const scenario: Scenario = { name: "cosmjs", about: "stock @cosmjs/stargate: balance, send, and one of our messages", run };

async function run(stage: Stage): Promise<void> {
  const { ready } = await stage.step(`nild dev with ${PROVIDERS} providers is ready`, () => startDev(stage, PROVIDERS, 300));
  const [alice, bob] = [ready.accounts[0]!, ready.accounts[1]!];
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(alice.mnemonic, { prefix: "nil" });
  const client = await SigningStargateClient.connectWithSigner(ready.endpoints.rpc, wallet, {
    registry: nildRegistry(),
    gasPrice: GasPrice.fromString("0.001unil"),
    broadcastPollIntervalMs: 100,
  });
  try {
    await stage.step("it derives our address from the words, reads the chain's id and a balance", async () => {
      assert.equal((await wallet.getAccounts())[0]!.address, alice.address);
      assert.equal(await client.getChainId(), ready.chain_id);
      assert.deepEqual(await client.getBalance(alice.address, "unil"), { denom: "unil", amount: "1000000000000" });
    });
    await stage.step("sendTokens with estimated gas moves the amount", async () => {
      const before = BigInt((await client.getBalance(bob.address, "unil")).amount);
      const result = await client.sendTokens(alice.address, bob.address, coins(12_345, "unil"), 1.4, "by CosmJS");
      assert.equal(result.code, 0, result.rawLog);
      assert.equal(BigInt((await client.getBalance(bob.address, "unil")).amount), before + 12_345n);
      return `${result.gasUsed} gas`;
    });
    const value: MsgCreateDeal = {
      owner: alice.address,
      durationBlocks: 1000n,
      profile: { k: 4, m: 2, code: 1 },
      serviceHint: "Hot",
      initialEscrow: "100000000",
      maxMonthlySpend: "0",
      maxUserMdus: 1n,
      publicRead: false,
    };
    const createDeal = { typeUrl: "/nil.deal.v1.MsgCreateDeal", value };
    await stage.step("MsgCreateDeal through the registry is in a block, with its event", async () => {
      const result = await client.signAndBroadcast(alice.address, [createDeal], 1.4);
      assert.equal(result.code, 0, result.rawLog);
      assert.ok(result.events.some(({ type }) => type.startsWith("nil.deal.v1.Event")), result.events.map(({ type }) => type).join());
      assert.deepEqual(result.msgResponses.map(({ typeUrl }) => typeUrl), ["/nil.deal.v1.MsgCreateDealResponse"]);
    });
    await stage.step("one that breaks a rule is refused with the module's code", async () => {
      const fee = { amount: coins(1_000, "unil"), gas: "1000000" };
      const wrong = { ...createDeal, value: { ...value, profile: { k: 5, m: 2, code: 1 } } };
      const refused = await client.signAndBroadcast(alice.address, [wrong], fee).then(
        ({ code }) => ({ code, codespace: "" }),
        (error: unknown) => error as { code: number; codespace: string },
      );
      assert.notEqual(refused.code, 0);
      assert.ok(Number.isInteger(refused.code) && refused.code !== 1 && refused.code !== 111_222, `code ${refused.code}`);
      return `${refused.codespace}/${refused.code}`;
    });
  } finally {
    client.disconnect();
  }
}
