import { encodeSecp256k1Pubkey } from "@cosmjs/amino";
import { DirectSecp256k1Wallet, Registry, encodePubkey, makeAuthInfoBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx.js";
import { SignMode } from "cosmjs-types/cosmos/tx/signing/v1beta1/signing.js";
import { AuthInfo, Fee, Tx, TxBody, TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import { addressToString, decodeTx, directSignBytes } from "nild/sdk";
import { MSG_SEND_URL, PRIVATE_KEY, registry } from "./txs.js";

const CHAIN_ID = "nild-dev-1";

async function wallet() {
  const signer = await DirectSecp256k1Wallet.fromKey(PRIVATE_KEY, "nil");
  const [account] = await signer.getAccounts();
  return { signer, account: account!, publicKey: encodePubkey(encodeSecp256k1Pubkey(account!.pubkey)) };
}

function bodyBytes(from: string): Uint8Array {
  const client = new Registry([[MSG_SEND_URL, MsgSend]]);
  const value = MsgSend.fromPartial({ fromAddress: from, toAddress: from, amount: [{ denom: "unil", amount: "12345" }] });
  return client.encodeTxBody({ messages: [{ typeUrl: MSG_SEND_URL, value }], memo: "thanks, ü" });
}

describe("a transaction that CosmJS makes", () => {
  it("decodes, and its signature verifies over our sign bytes", async () => {
    const { signer, account, publicKey } = await wallet();
    const authInfo = makeAuthInfoBytes([{ pubkey: publicKey, sequence: 3 }], [{ denom: "unil", amount: "200" }], 90000, undefined, undefined);
    const { signed, signature } = await signer.signDirect(account.address, makeSignDoc(bodyBytes(account.address), authInfo, CHAIN_ID, 7));
    const signatures = [Uint8Array.from(Buffer.from(signature.signature, "base64"))];
    const bytes = TxRaw.encode(TxRaw.fromPartial({ bodyBytes: signed.bodyBytes, authInfoBytes: signed.authInfoBytes, signatures })).finish();

    const tx = decodeTx(bytes, registry);
    expect(tx.body.memo).toBe("thanks, ü");
    expect(tx.msgs[0]!.value).toMatchObject({ fromAddress: account.address });
    const key = tx.publicKeys[0]!;
    expect(addressToString(key.address())).toBe(account.address);
    const verdict = (chainId: string, accountNumber: bigint) =>
      key.verify(directSignBytes(tx.raw, chainId, accountNumber, registry), tx.raw.signatures[0]!);
    expect(verdict(CHAIN_ID, 7n)).toBe(true);
    expect(verdict("nild-dev-2", 7n)).toBe(false);
    expect(verdict(CHAIN_ID, 8n)).toBe(false);
    expect(verdict(CHAIN_ID, 0n)).toBe(false);
  });

  it.each([true, false])("decodes in the form that wallets simulate, public key given: %s", async (withKey) => {
    const { account, publicKey } = await wallet();
    const tx = Tx.fromPartial({
      body: TxBody.decode(bodyBytes(account.address)),
      authInfo: AuthInfo.fromPartial({
        fee: Fee.fromPartial({}),
        signerInfos: [{ ...(withKey ? { publicKey } : {}), sequence: 3n, modeInfo: { single: { mode: SignMode.SIGN_MODE_UNSPECIFIED } } }],
      }),
      signatures: [new Uint8Array(0)],
    });
    const decoded = decodeTx(Tx.encode(tx).finish(), registry);
    expect(decoded.publicKeys[0] === undefined).toBe(!withKey);
    expect(decoded.raw.signatures).toEqual([new Uint8Array(0)]);
    expect(decoded.authInfo.signerInfos[0]).toMatchObject({ sequence: 3n, modeInfo: { sum: { case: "single", value: { mode: 0 } } } });
  });
});
