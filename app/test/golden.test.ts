import { fromBinary } from "@bufbuild/protobuf";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { TxMsgDataSchema } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { ORDER, allModules, createApp } from "nild/app";
import { type Event, MemoryDatabase } from "nild/sdk";
import { packMessage, requireGolden, testAccount } from "nild/testing";
import { chain, sendTx, unil } from "./chain.js";

/* Committed files that change only on purpose. */

const golden = (name: string): URL => new URL(`golden/${name}`, import.meta.url);
const eventLines = (events: readonly Event[]): string => events.map(({ type, attributes }) => `${type} ${attributes.map(({ key, value }) => `${key}=${value}`).join(" ")}\n`).join("");

test("events of a transaction: fee movement, tx events, then each message's with msg_index", async () => {
  const nild = await chain({ alice: 1_000_000n });
  const send = (to: string, amount: bigint) => packMessage(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: testAccount(to).address, amount: unil(amount) });
  const { txResults } = await nild.block([nild.sign([send("bob", 5n), send("carol", 6n)], { from: "alice" })]);
  requireGolden(golden("events.txt"), eventLines(txResults[0]!.events));
  expect(fromBinary(TxMsgDataSchema, txResults[0]!.data).msgResponses.map(({ typeUrl }) => typeUrl)).toEqual(Array(2).fill("/cosmos.bank.v1beta1.MsgSendResponse"));
});

test("events of a block carry the pass that emitted them", async () => {
  const nild = await chain({}, { epoch: { params: { length_blocks: "2", ring_size: 4 } } });
  const { events } = await nild.nextBlock(2);
  expect(events.map(({ type, attributes }) => [type, attributes.at(-1)])).toEqual([["nil.epoch.v1.EventEpochStarted", { key: "mode", value: "BeginBlock" }]]);
});

test("the state schema of every module", () => {
  const app = createApp({ db: new MemoryDatabase(), onUnexpected: () => undefined });
  const lists = [["base", app.chain.schema.collections] as const, ...allModules().map(({ name, collections }) => [name, collections] as const)];
  requireGolden(golden("schema.txt"), lists.flatMap(([store, collections]) => collections.map(({ prefix, kind, name }) => `${store} ${prefix} ${kind} ${name}\n`)).join(""));
});

test("the error codes of every module", () => {
  requireGolden(golden("errors.txt"), allModules().flatMap(({ name, errors }) => Object.entries(errors).map(([condition, code]) => `${name}/${code} ${condition}\n`)).join(""));
});

test("the order in which each pass visits the modules", () => {
  requireGolden(golden("order.txt"), Object.entries(ORDER).map(([pass, names]) => `${pass}: ${names.join(" ")}\n`).join(""));
});

test("the messages and queries that the application answers", () => {
  const { messages, queries } = createApp({ db: new MemoryDatabase(), onUnexpected: () => undefined });
  requireGolden(golden("routes.txt"), [...messages.routes.map(({ typeUrl }) => typeUrl), ...queries.paths].map((path) => `${path}\n`).join(""));
});

test("app hashes of a short history", async () => {
  const nild = await chain({ alice: 1_000_000n });
  const hashes = [nild.app.info().lastBlockAppHash];
  for (const txs of [[sendTx(nild)], []]) hashes.push((await nild.block(txs)).appHash);
  requireGolden(golden("app_hashes.txt"), hashes.map((hash) => `${Buffer.from(hash).toString("hex")}\n`).join(""));
});
