/** Transactions with CosmJS alone, over JSON-RPC: coins, and a message of our own modules. */
import { GasPrice, SigningStargateClient } from "@cosmjs/stargate";
import { Wallet, nildRegistry } from "nild/client";

// #region cosmjs
const wallet = await Wallet.fromMnemonic(process.env["WORDS"] ?? "");
const client = await SigningStargateClient.connectWithSigner(process.env["NILD_RPC_ADDR"] ?? "http://127.0.0.1:26657", wallet, {
  registry: nildRegistry(),
  gasPrice: GasPrice.fromString("0.001unil"),
});
const sent = await client.sendTokens(wallet.address, wallet.address, [{ denom: "unil", amount: "1" }], "auto");
console.log(sent.code, sent.transactionHash);
const terms = { owner: wallet.address, durationBlocks: 1_000n, profile: { k: 8, m: 4, code: 1 }, serviceHint: "Hot", initialEscrow: "50000000", maxMonthlySpend: "0", maxUserMdus: 1n };
const made = await client.signAndBroadcast(wallet.address, [{ typeUrl: "/nil.deal.v1.MsgCreateDeal", value: terms }], "auto");
console.log(made.code, made.events.map(({ type }) => type).filter((type) => type.startsWith("nil.")));
// #endregion
