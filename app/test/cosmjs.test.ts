import { DirectSecp256k1Wallet, Registry, makeAuthInfoBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx.js";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import { encodePubkey } from "@cosmjs/proto-signing";
import { encodeSecp256k1Pubkey } from "@cosmjs/amino";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { testAccount } from "nild/testing";
import { bankSection, newChain, unil } from "./chain.js";

test("a MsgSend signed by CosmJS is accepted, and its address is ours", async () => {
  const wallet = await DirectSecp256k1Wallet.fromKey(testAccount("alice").privateKey, "nil");
  const [account] = await wallet.getAccounts();
  expect(account!.address).toBe(testAccount("alice").address);

  const nild = await newChain().genesis({ bank: bankSection({ alice: 1_000_000n }) });
  const { accountNumber, sequence } = nild.query(AuthQuery.method.accountInfo, { address: account!.address }).info!;
  const registry = new Registry([["/cosmos.bank.v1beta1.MsgSend", MsgSend]]);
  const bodyBytes = registry.encodeTxBody({
    messages: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: { fromAddress: account!.address, toAddress: testAccount("bob").address, amount: unil(10n) } }],
    memo: "from CosmJS",
  });
  const pubkey = encodePubkey(encodeSecp256k1Pubkey(account!.pubkey));
  const authInfoBytes = makeAuthInfoBytes([{ pubkey, sequence: Number(sequence) }], unil(1_000n), 1_000_000, undefined, undefined);
  const { signed, signature } = await wallet.signDirect(account!.address, makeSignDoc(bodyBytes, authInfoBytes, nild.chainId, Number(accountNumber)));
  const tx = TxRaw.encode({ bodyBytes: signed.bodyBytes, authInfoBytes: signed.authInfoBytes, signatures: [Uint8Array.from(Buffer.from(signature.signature, "base64"))] }).finish();

  expect(nild.app.checkTx(tx, "new")).toMatchObject({ code: 0, gasWanted: 1_000_000n });
  expect((await nild.block([tx])).txResults[0]).toMatchObject({ code: 0, log: "" });
});
