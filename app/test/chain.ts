import { create, toBinary } from "@bufbuild/protobuf";
import { TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { type AppOptions, createApp } from "nild/app";
import { type Fixture, type GenesisSections, type RunOptions, fixture, packMessage, testAccount } from "nild/testing";

/** `unil` coins as messages carry them. */
export function unil(amount: bigint | string): { denom: string; amount: string }[] {
  return [{ denom: "unil", amount: amount.toString() }];
}

export function bankSection(balances: Readonly<Record<string, bigint>>): object {
  return {
    params: { default_send_enabled: true },
    balances: Object.entries(balances).map(([name, amount]) => ({ address: testAccount(name).address, coins: unil(amount) })),
  };
}

export function newChain(options: Partial<AppOptions> = {}): Fixture {
  return fixture({ app: ({ db, onUnexpected }) => createApp({ db, onUnexpected, ...options }) });
}

/** The whole application at height 1, with funded test accounts. */
export function chain(balances: Readonly<Record<string, bigint>>, sections: GenesisSections = {}): Promise<Fixture> {
  return newChain().genesis({ bank: bankSection(balances), ...sections });
}

/** A signed MsgSend of 1 unil from alice to bob, or as told. */
export function sendTx(nild: Fixture, options: Partial<RunOptions> & { to?: string; amount?: { denom: string; amount: string }[] } = {}): Uint8Array {
  const from = options.from ?? "alice";
  const { to = testAccount("bob").address, amount = unil(1n) } = options;
  return nild.sign([packMessage(MsgSendSchema, { fromAddress: testAccount(from).address, toAddress: to, amount })], { ...options, from });
}

export function rawTx(bodyBytes: Uint8Array, authInfoBytes: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array {
  return toBinary(TxRawSchema, create(TxRawSchema, { bodyBytes, authInfoBytes, signatures: [...signatures] }));
}

/** Codes of CheckTx and of a block; a refused transaction must leave the block's state as if it were not there. */
export function refusal(nild: Fixture, tx: Uint8Array): { check: string; block: string; changes: boolean; events: number } {
  const check = nild.app.checkTx(tx, "new");
  const { txResults, appHash } = nild.execute([tx]);
  const untouched = nild.execute([]).appHash;
  const [result] = txResults;
  return {
    check: `${check.codespace}/${check.code}`,
    block: `${result!.codespace}/${result!.code}`,
    changes: !appHash.every((byte, i) => byte === untouched[i]),
    events: result!.events.length,
  };
}

/** What `refusal` gives for outcome C of the bad-input catalogue. */
export function refusedWith(code: string) {
  return { check: code, block: code, changes: false, events: 0 };
}

/** Every key of every store, as hex → hex, at the last committed height. */
export function dump(nild: Fixture, stores: readonly string[]): Map<string, string> {
  const ctx = nild.app.readCtx();
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return new Map(stores.flatMap((store) => [...ctx.reader(store).scan()].map(([key, value]) => [`${store}/${hex(key)}`, hex(value)] as const)));
}
