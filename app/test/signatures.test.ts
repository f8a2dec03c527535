import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { LegacyAminoPubKeySchema } from "nild/gen/cosmos/crypto/multisig/keys_pb.js";
import { PubKeySchema as Ed25519Schema } from "nild/gen/cosmos/crypto/ed25519/keys_pb.js";
import { PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { SignMode } from "nild/gen/cosmos/tx/signing/v1beta1/signing_pb.js";
import { type AuthInfo, type ModeInfo, ModeInfoSchema, SignDocSchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { ED25519_TYPE_URL, SECP256K1_TYPE_URL, addressToString, ed25519PublicKey, publicKey, sha256, signEd25519 } from "nild/sdk";
import { signatureCheckers } from "nild/x/auth";
import { type Fixture, type RunOptions, packMessage, signTx, testAccount } from "nild/testing";
import { bankSection, chain, newChain, rawTx, refusal, refusedWith, sendTx, unil } from "./chain.js";

/* Group S of the bad-input catalogue. */

let nild: Fixture;
beforeEach(async () => {
  nild = await chain({ alice: 1_000_000_000n, carol: 1_000_000_000n });
});

const ORDER = secp256k1.Point.Fn.ORDER;
const big32 = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
const bigint = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

function resigned(edit: (signature: Uint8Array) => Uint8Array[]): Uint8Array {
  const { bodyBytes, authInfoBytes, signatures } = fromBinary(TxRawSchema, sendTx(nild));
  return rawTx(bodyBytes, authInfoBytes, edit(signatures[0]!));
}

const withKey = (typeUrl: string, value: Uint8Array) => (authInfo: AuthInfo): void => {
  authInfo.signerInfos[0]!.publicKey = create(AnySchema, { typeUrl, value });
};
const secp = (key: Uint8Array) => withKey(SECP256K1_TYPE_URL, toBinary(PubKeySchema, create(PubKeySchema, { key })));

describe("signatures", () => {
  const cases: [string, (signature: Uint8Array) => Uint8Array[], string][] = [
    ["S1 none", () => [], "sdk/15"],
    ["S2 too many", (signature) => [signature, signature], "sdk/4"],
    ["S4 high S", (signature) => [Uint8Array.from([...signature.subarray(0, 32), ...big32(ORDER - bigint(signature.subarray(32)))])], "sdk/4"],
    ["S5 r = 0", (signature) => [Uint8Array.from([...big32(0n), ...signature.subarray(32)])], "sdk/4"],
    ["S5 r = n", (signature) => [Uint8Array.from([...big32(ORDER), ...signature.subarray(32)])], "sdk/4"],
    ["S5 s = 0", (signature) => [Uint8Array.from([...signature.subarray(0, 32), ...big32(0n)])], "sdk/4"],
    ["S5 s > n", (signature) => [Uint8Array.from([...signature.subarray(0, 32), ...new Uint8Array(32).fill(0xff)])], "sdk/4"],
    ["S6 DER", (signature) => [secp256k1.Signature.fromBytes(signature, "compact").toBytes("der")], "sdk/4"],
    ["S6 63 bytes", (signature) => [signature.subarray(0, 63)], "sdk/4"],
    ["S6 65 bytes", (signature) => [Uint8Array.from([...signature, 0])], "sdk/4"],
    ["S17 empty outside simulation", () => [new Uint8Array(0)], "sdk/4"],
    ["one bit flipped", (signature) => [signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte))], "sdk/4"],
  ];
  test.each(cases)("%s", (_name, edit, code) => {
    expect(refusal(nild, resigned(edit))).toEqual(refusedWith(code));
  });

  test("S3 more than tx_sig_limit", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `signer${i}`);
    nild = await chain(Object.fromEntries(names.map((name) => [name, 1_000_000n])));
    const messages = names.map((name) => packMessage(MsgSendSchema, { fromAddress: testAccount(name).address, toAddress: testAccount("bob").address, amount: unil(1n) }));
    const sign = (count: number): Uint8Array =>
      signTx(messages.slice(0, count), names.slice(0, count).map((name) => ({ account: testAccount(name), ...accountOf(name) })), { chainId: nild.chainId });
    expect(refusal(nild, sign(8))).toEqual(refusedWith("sdk/14"));
    expect(nild.app.precheck(sign(8))).toEqual([]);
    expect(nild.app.precheck(sign(7))).toHaveLength(7);
    expect(nild.app.checkTx(sign(7), "new").code).toBe(0);
  });

  test("S9 another chain id, another account number", () => {
    const message = packMessage(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: testAccount("bob").address, amount: unil(1n) });
    const alice = { account: testAccount("alice"), ...accountOf("alice") };
    expect(refusal(nild, signTx([message], [alice], { chainId: "other-1" }))).toEqual(refusedWith("sdk/4"));
    expect(refusal(nild, signTx([message], [{ ...alice, accountNumber: alice.accountNumber + 1n }], { chainId: nild.chainId }))).toEqual(refusedWith("sdk/4"));
  });

  test.each([1n, 2n, (1n << 64n) - 1n])("S10 sequence %p instead of 0", (sequence) => {
    expect(refusal(nild, sendTx(nild, { sequence }))).toEqual(refusedWith("sdk/32"));
  });

  test("S10 a sequence that was used", async () => {
    await nild.block([sendTx(nild)]);
    expect(refusal(nild, sendTx(nild, { sequence: 0n }))).toEqual(refusedWith("sdk/32"));
  });

  test("S11 the same transaction twice in a block", () => {
    const tx = sendTx(nild);
    expect(nild.execute([tx, tx]).txResults.map(({ codespace, code }) => `${codespace}/${code}`)).toEqual(["/0", "sdk/32"]);
  });

  test("sequences n and n+1 pass CheckTx and one block together", () => {
    const txs = [sendTx(nild), sendTx(nild, { sequence: 1n })];
    expect(txs.map((tx) => nild.app.checkTx(tx, "new").code)).toEqual([0, 0]);
    expect(nild.execute(txs).txResults.map(({ code }) => code)).toEqual([0, 0]);
  });

  test.each([SignMode.UNSPECIFIED, SignMode.TEXTUAL, SignMode.LEGACY_AMINO_JSON, 99])("S12, S13 sign mode %p", (mode) => {
    const tx = sendTx(nild, { editAuthInfo: ({ signerInfos }) => void (signerInfos[0]!.modeInfo = signMode(mode)) });
    expect(refusal(nild, tx)).toEqual(refusedWith("sdk/4"));
  });
});

describe("public keys", () => {
  const uncompressed = secp256k1.getPublicKey(testAccount("alice").privateKey, false);
  const cases: [string, RunOptions["editAuthInfo"], string][] = [
    ["S7 uncompressed", secp(uncompressed), "sdk/8"],
    ["S7 hybrid", secp(Uint8Array.from([6, ...uncompressed.subarray(1)])), "sdk/8"],
    ["S7 all zero", secp(new Uint8Array(33)), "sdk/8"],
    ["S7 x >= p", secp(Uint8Array.from([2, ...new Uint8Array(32).fill(0xff)])), "sdk/8"],
    ["S8 another account's", secp(testAccount("carol").publicKey), "sdk/8"],
    ["no key on the first transaction", ({ signerInfos }) => void delete signerInfos[0]!.publicKey, "sdk/8"],
    ["S14 multisig is not accepted yet", withKey("/cosmos.crypto.multisig.LegacyAminoPubKey", toBinary(LegacyAminoPubKeySchema, create(LegacyAminoPubKeySchema, { threshold: 1 }))), "sdk/8"],
  ];
  test.each(cases)("%s", (_name, editAuthInfo, code) => {
    expect(refusal(nild, sendTx(nild, { editAuthInfo: editAuthInfo! }))).toEqual(refusedWith(code));
  });

  test("S7 an account whose key hashes to it but is no point of the curve", async () => {
    const offCurve = Uint8Array.from([2, ...big32(5n)]);
    expect(() => secp256k1.Point.fromBytes(offCurve)).toThrow();
    const address = addressToString(publicKey(SECP256K1_TYPE_URL, offCurve).address());
    nild = await newChain().genesis({ bank: { ...bankSection({}), balances: [{ address, coins: unil(1_000_000n) }] } });
    const message = packMessage(MsgSendSchema, { fromAddress: address, toAddress: testAccount("bob").address, amount: unil(1n) });
    const signer = { account: { ...testAccount("alice"), address, publicKey: offCurve }, accountNumber: 1n, sequence: 0n };
    expect(refusal(nild, signTx([message], [signer], { chainId: nild.chainId }))).toEqual(refusedWith("sdk/8"));
  });

  test("a known account may leave its key out", async () => {
    await nild.block([sendTx(nild)]);
    const tx = sendTx(nild, { editAuthInfo: ({ signerInfos }) => void delete signerInfos[0]!.publicKey });
    expect(nild.execute([tx]).txResults[0]!.code).toBe(0);
  });

  test("ed25519 accounts sign; S15 a flipped or non-canonical signature is sdk/4, a small-order key sdk/8", async () => {
    const seed = sha256(new TextEncoder().encode("ed25519 account"));
    const send = async (key: Uint8Array, edit: (signature: Uint8Array) => Uint8Array): Promise<Uint8Array> => {
      const address = addressToString(publicKey(ED25519_TYPE_URL, key).address());
      nild = await newChain().genesis({ bank: { ...bankSection({}), balances: [{ address, coins: unil(1_000_000n) }] } });
      const message = packMessage(MsgSendSchema, { fromAddress: address, toAddress: testAccount("bob").address, amount: unil(1n) });
      const typed = signTx([message], [{ account: { ...testAccount("alice"), address }, accountNumber: 0n, sequence: 0n }], {
        chainId: nild.chainId,
        editAuthInfo: withKey(ED25519_TYPE_URL, toBinary(Ed25519Schema, create(Ed25519Schema, { key }))),
      });
      const { bodyBytes, authInfoBytes } = fromBinary(TxRawSchema, typed);
      const accountNumber = nild.query(AuthQuery.method.accountInfo, { address }).info!.accountNumber;
      const doc = toBinary(SignDocSchema, create(SignDocSchema, { bodyBytes, authInfoBytes, chainId: nild.chainId, accountNumber }));
      return rawTx(bodyBytes, authInfoBytes, [edit(signEd25519(seed, doc))]);
    };
    const key = ed25519PublicKey(seed);
    const good = await send(key, (signature) => signature);
    expect(nild.execute([good]).txResults[0]).toMatchObject({ code: 0 });
    const flipped = await send(key, (signature) => signature.map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
    expect(refusal(nild, flipped)).toEqual(refusedWith("sdk/4"));
    const largeS = await send(key, (signature) => Uint8Array.from([...signature.subarray(0, 32), ...new Uint8Array(32).fill(0xff)]));
    expect(refusal(nild, largeS)).toEqual(refusedWith("sdk/4"));
    const smallOrder = await send(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)), (signature) => signature);
    expect(refusal(nild, smallOrder)).toEqual(refusedWith("sdk/8"));
  });
});

describe("verdicts computed beforehand", () => {
  test("precheck names the signature check; an admitted verdict decides without running the checker", async () => {
    let runs = 0;
    nild = await newChain({
      checkers: {
        "sig.secp256k1": () => {
          runs += 1;
          return true;
        },
      },
    }).genesis({ bank: bankSection({ alice: 1_000_000n }) });
    const tx = sendTx(nild);
    const checks = nild.app.precheck(tx);
    expect(checks.map(({ kind, input }) => [kind, input.length])).toEqual([["sig.secp256k1", 129]]);
    nild.app.admit(checks[0]!, false);
    expect(nild.app.checkTx(tx, "new").code).toBe(4);
    nild.app.admit(checks[0]!, true);
    expect(nild.app.checkTx(tx, "new").code).toBe(0);
    expect(runs).toBe(0);
  });

  test("the reference checker agrees with the verdict that precheck asks for", () => {
    const [check] = nild.app.precheck(sendTx(nild));
    expect(signatureCheckers[check!.kind]!(check!.input)).toBe(true);
    expect(signatureCheckers[check!.kind]!(check!.input.map((byte, i) => (i === 128 ? byte ^ 1 : byte)))).toBe(false);
  });

  test("precheck of bytes that are no transaction is empty", () => {
    expect(nild.app.precheck(Uint8Array.of(1, 2, 3))).toEqual([]);
  });

  test("a recheck looks at the sequence and no signature", () => {
    const forged = resigned((signature) => [signature.map((byte) => byte ^ 1)]);
    expect(nild.app.checkTx(forged, "recheck").code).toBe(0);
    expect(nild.app.checkTx(forged, "recheck").code).toBe(32);
  });
});

function accountOf(name: string): { accountNumber: bigint; sequence: bigint } {
  const { accountNumber, sequence } = nild.query(AuthQuery.method.accountInfo, { address: testAccount(name).address }).info!;
  return { accountNumber, sequence };
}

function signMode(mode: SignMode): ModeInfo {
  return create(ModeInfoSchema, { sum: { case: "single", value: { mode } } });
}
