import { type DescMessage, type DescMethod, type MessageInitShape, type MessageShape, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { TxMsgDataSchema } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import type { BaseApp, ConsensusParams, ExecTxResult, FinalizeBlockResult, QueryResult } from "../baseapp/index.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type Database, MemoryDatabase } from "../store/index.js";
import { type TestAccount, testAccount } from "./accounts.js";
import { TEST_BLOCK, UnexpectedError } from "./contexts.js";
import { sha256 } from "../crypto/index.js";
import { type TxOptions, packMessage, signTx } from "./sign.js";
import { trapped } from "./traps.js";

export interface FixtureOptions {
  /** Builds the application on a database. Pass `onUnexpected` on: under test every bug is fatal. */
  readonly app: (env: { readonly db: Database; onUnexpected(error: unknown): undefined }) => BaseApp;
  readonly chainId?: string;
  readonly db?: Database;
}

export interface RunOptions extends Partial<Omit<TxOptions, "chainId">> {
  readonly from: string;
  /** Default: the account's next. */
  readonly sequence?: bigint;
}

const BLOCK_NS = 1_000_000_000n;

export const TEST_CONSENSUS: ConsensusParams = {
  block: { maxBytes: 4_194_304n, maxGas: 1_000_000_000n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDurationNs: 172_800_000_000_000n, maxBytes: 1_048_576n },
  validator: { pubKeyTypes: ["ed25519"] },
  version: { app: 1n },
  abci: { voteExtensionsEnableHeight: 0n },
};

/** Sections of app_state as plain objects; bigint is written as a string. Sections left out take their default. */
export type GenesisSections = Readonly<Record<string, object>>;

/**
 * An application on a memory database, driven block by block. Inside finalizeBlock the traps are set; after each
 * commit every invariant must hold.
 */
export class Fixture {
  readonly app: BaseApp;
  readonly chainId: string;
  readonly db: Database;
  /** Height of the last committed block. */
  height = 0n;
  timeNs = TEST_BLOCK.timeNs;

  constructor(readonly options: FixtureOptions) {
    this.chainId = options.chainId ?? TEST_BLOCK.chainId;
    this.db = options.db ?? new MemoryDatabase();
    this.app = options.app({
      db: this.db,
      onUnexpected(error) {
        throw new UnexpectedError(error);
      },
    });
    this.height = this.app.info().lastBlockHeight;
  }

  /** Starts the chain and commits its first block. */
  async genesis(sections: GenesisSections = {}, initialHeight = 1n): Promise<this> {
    this.initChain(sections, initialHeight);
    this.height = initialHeight - 1n;
    await this.nextBlock();
    return this;
  }

  initChain(sections: GenesisSections | Uint8Array, initialHeight = 1n): Uint8Array {
    const appState = sections instanceof Uint8Array ? sections : genesisJson(sections);
    const { chainId, timeNs } = this;
    return this.app.initChain({ chainId, initialHeight, timeNs, consensusParams: TEST_CONSENSUS, validators: [], appState }).appHash;
  }

  account(name: string): TestAccount {
    return testAccount(name);
  }

  /** Executes without committing. */
  execute(txs: readonly Uint8Array[] = [], height = this.height + 1n): FinalizeBlockResult {
    const hash = sha256(utf8ToBytes(`block ${height} of ${this.chainId}`));
    const timeNs = this.timeNs + BLOCK_NS;
    return trapped(() => this.app.finalizeBlock({ height, timeNs, hash, proposerAddress: TEST_BLOCK.proposer, txs }));
  }

  /** One block of `txs`, committed. */
  async block(txs: readonly Uint8Array[]): Promise<FinalizeBlockResult> {
    const result = this.execute(txs);
    await this.app.commit();
    this.height += 1n;
    this.timeNs += BLOCK_NS;
    this.requireInvariants();
    return result;
  }

  /** `count` empty blocks; the last one's result. */
  async nextBlock(count = 1): Promise<FinalizeBlockResult> {
    let result = await this.block([]);
    for (let i = 1; i < count; i++) result = await this.block([]);
    return result;
  }

  /** A signed transaction of one message, in a block of its own. */
  async run<D extends DescMessage>(schema: D, init: MessageInitShape<D>, options: RunOptions): Promise<ExecTxResult> {
    const { txResults } = await this.block([this.sign([packMessage(schema, init)], options)]);
    return txResults[0]!;
  }

  /** As `run`, for a message that must succeed: its decoded response. */
  async must<D extends DescMessage, R extends DescMessage>(method: DescMethod & { input: D; output: R }, init: MessageInitShape<D>, options: RunOptions): Promise<MessageShape<R>> {
    const result = await this.run(method.input, init, options);
    if (result.code !== 0) throw new Error(`${method.name}: ${result.codespace}/${result.code} ${result.log}`);
    return fromBinary(method.output, fromBinary(TxMsgDataSchema, result.data).msgResponses[0]!.value);
  }

  sign(messages: Any[], options: RunOptions): Uint8Array {
    const account = this.account(options.from);
    const { accountNumber, sequence } = this.#accountInfo(account.address);
    return signTx(messages, [{ account, accountNumber, sequence: options.sequence ?? sequence }], { ...options, chainId: this.chainId });
  }

  query<D extends DescMessage, R extends DescMessage>(method: DescMethod & { input: D; output: R }, init: MessageInitShape<D>, height = 0n): MessageShape<R> {
    const result = this.rawQuery(`/${method.parent.typeName}/${method.name}`, toBinary(method.input, create(method.input, init)), height);
    if (result.code !== 0) throw new Error(`${method.name}: ${result.codespace}/${result.code} ${result.log}`);
    return fromBinary(method.output, result.value);
  }

  rawQuery(path: string, data: Uint8Array, height = 0n, prove = false): QueryResult {
    return this.app.query({ path, data, height, prove });
  }

  /** A second application object on the same database, as after a restart. */
  restart(): Fixture {
    const next = new Fixture({ ...this.options, db: this.db });
    next.timeNs = this.timeNs;
    return next;
  }

  requireInvariants(): void {
    const broken = Object.entries(this.app.invariants()).filter(([, words]) => words !== undefined);
    if (broken.length > 0) throw new Error(`height ${this.height}: ${broken.map(([name, words]) => `${name}: ${words}`).join("; ")}`);
  }

  #accountInfo(address: string): { accountNumber: bigint; sequence: bigint } {
    const method = AuthQuery.method.accountInfo;
    const { code, value } = this.rawQuery(`/${AuthQuery.typeName}/${method.name}`, toBinary(method.input, create(method.input, { address })));
    const info = code === 0 ? fromBinary(method.output, value).info : undefined;
    return { accountNumber: info?.accountNumber ?? 0n, sequence: info?.sequence ?? 0n };
  }
}

export function fixture(options: FixtureOptions): Fixture {
  return new Fixture(options);
}

export function genesisJson(sections: GenesisSections): Uint8Array {
  return utf8ToBytes(JSON.stringify(sections, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
}
