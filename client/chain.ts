import { fromBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack, type Any } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient, type Client, type Transport } from "@connectrpc/connect";
import { fromHex } from "@cosmjs/encoding";
import type { OfflineDirectSigner } from "@cosmjs/proto-signing";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { TxMsgDataSchema, type TxResponse } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { Service as NodeService } from "nild/gen/cosmos/base/tendermint/v1beta1/query_pb.js";
import { BroadcastMode, Service as TxService } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { Query as ChallengeQuery } from "nild/gen/nil/challenge/v1/query_pb.js";
import { Query as DealQuery } from "nild/gen/nil/deal/v1/query_pb.js";
import { Query as EpochQuery } from "nild/gen/nil/epoch/v1/query_pb.js";
import { Query as EscrowQuery } from "nild/gen/nil/escrow/v1/query_pb.js";
import { Query as Mode2Query } from "nild/gen/nil/mode2/v1/query_pb.js";
import { Query as ProviderQuery } from "nild/gen/nil/provider/v1/query_pb.js";
import { Query as RetrievalQuery } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { ChainError, ClientError, fromConnect } from "./errors.js";
import { feeFor, signTx, unsignedTx, type AccountState } from "./tx.js";

export interface ChainClientOptions {
  /** To the node's Connect port; Node: `createConnectTransport({ baseUrl, httpVersion: "1.1" })`. */
  readonly transport: Transport;
  /** unil per gas, default "0.001". */
  readonly gasPrice?: string;
  /** How often a broadcast transaction is looked for, default 200 ms. */
  readonly pollMs?: number;
  /** How long to wait for it to be in a block, default 60 s. */
  readonly confirmTimeoutMs?: number;
}

export interface SendOptions {
  /** Default: what a simulation used, and 40 % more. */
  readonly gas?: bigint;
  readonly memo?: string;
}

export interface TxResult {
  /** Always 0: a failed transaction throws ChainError. */
  readonly code: 0;
  readonly hash: string;
  readonly height: bigint;
  readonly log: string;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
  readonly events: readonly { readonly type: string; readonly attributes: readonly { readonly key: string; readonly value: string }[] }[];
  /** TxMsgData, as the chain returned it. */
  readonly data: Uint8Array;
  /** One answer per message. */
  readonly responses: readonly Any[];
}

/** The generated query services, one client each. Their errors are ClientError. */
export interface ChainQueries {
  readonly auth: Client<typeof AuthQuery>;
  readonly bank: Client<typeof BankQuery>;
  readonly challenge: Client<typeof ChallengeQuery>;
  readonly deal: Client<typeof DealQuery>;
  readonly epoch: Client<typeof EpochQuery>;
  readonly escrow: Client<typeof EscrowQuery>;
  readonly mode2: Client<typeof Mode2Query>;
  readonly provider: Client<typeof ProviderQuery>;
  readonly retrieval: Client<typeof RetrievalQuery>;
  readonly node: Client<typeof NodeService>;
  readonly tx: Client<typeof TxService>;
}

/** Two attempts for a race with another sender of the same account, the third decides. */
const MAX_SEQUENCE_TRIES = 3;

/** Talks to one node: queries, and signed transactions in the order they were asked for, per account. */
export class ChainClient {
  readonly query: ChainQueries;
  readonly #options: Required<ChainClientOptions>;
  readonly #accounts = new Map<string, AccountState>();
  /** Per account: the end of its queue of sends. */
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly #simulator: Client<typeof TxService>;
  #chainId: string | undefined;

  constructor(options: ChainClientOptions) {
    this.#simulator = createClient(TxService, options.transport);
    this.#options = { gasPrice: "0.001", pollMs: 200, confirmTimeoutMs: 60_000, ...options };
    const transport = withTypedErrors(options.transport);
    this.query = {
      auth: createClient(AuthQuery, transport),
      bank: createClient(BankQuery, transport),
      challenge: createClient(ChallengeQuery, transport),
      deal: createClient(DealQuery, transport),
      epoch: createClient(EpochQuery, transport),
      escrow: createClient(EscrowQuery, transport),
      mode2: createClient(Mode2Query, transport),
      provider: createClient(ProviderQuery, transport),
      retrieval: createClient(RetrievalQuery, transport),
      node: createClient(NodeService, transport),
      tx: createClient(TxService, transport),
    };
  }

  async chainId(): Promise<string> {
    this.#chainId ??= present((await this.query.node.getNodeInfo({})).defaultNodeInfo, "default_node_info").network;
    return this.#chainId;
  }

  /** Height of the latest block. */
  async height(): Promise<bigint> {
    return present((await this.query.node.getLatestBlock({})).block?.header, "block.header").height;
  }

  /**
   * Signs, broadcasts and waits until the transaction is in a block.
   * @throws ChainError when it is refused or fails; ClientError `unreachable`, `timed_out` (it may still be executed), `account_not_found`.
   */
  async signAndBroadcast(signer: OfflineDirectSigner, messages: readonly Any[], options: SendOptions = {}): Promise<TxResult> {
    const [who] = await signer.getAccounts();
    if (who === undefined) throw new ClientError("bad_key", "the signer holds no account", "unlock or create a key first");
    const hash = await this.#inLane(who.address, () => this.#broadcast(signer, who.address, messages, options));
    return this.waitForTx(hash);
  }

  /** The executed transaction. @throws ChainError if it failed, ClientError `timed_out` if no block took it in time. */
  async waitForTx(hash: string): Promise<TxResult> {
    const deadline = Date.now() + this.#options.confirmTimeoutMs;
    for (;;) {
      const response = await this.#findTx(hash);
      if (response !== undefined) return resultOf(response);
      if (Date.now() >= deadline) {
        throw new ClientError("timed_out", `transaction ${hash} is in no block yet`, "it may still be executed: look it up by its hash before sending again");
      }
      await new Promise((resolve) => setTimeout(resolve, this.#options.pollMs));
    }
  }

  async #broadcast(signer: OfflineDirectSigner, address: string, messages: readonly Any[], options: SendOptions): Promise<string> {
    const chainId = await this.chainId();
    for (let tries = 1; ; tries++) {
      const account = this.#accounts.get(address) ?? (await this.#account(address));
      const gas = options.gas ?? (await this.#estimate(signer, messages, account));
      const terms = { chainId, gas, fee: feeFor(gas, this.#options.gasPrice), memo: options.memo ?? "" };
      const txBytes = await signTx(signer, messages, account, terms);
      const reply = await this.query.tx.broadcastTx({ txBytes, mode: BroadcastMode.SYNC });
      const { code, codespace, rawLog, txhash } = present(reply.txResponse, "tx_response");
      if (code === 0) {
        this.#accounts.set(address, { ...account, sequence: account.sequence + 1n });
        return txhash;
      }
      // Whatever went wrong, the next send asks the chain again.
      this.#accounts.delete(address);
      if (codespace !== "sdk" || code !== WRONG_SEQUENCE || tries >= MAX_SEQUENCE_TRIES) {
        throw new ChainError({ codespace, code, log: rawLog, txHash: txhash });
      }
      // The account query answers from the last block; the refusal counts what waits in the mempool too.
      const expected = /expected ([0-9]{1,20})/.exec(rawLog)?.[1];
      if (expected !== undefined) this.#accounts.set(address, { ...account, sequence: BigInt(expected) });
    }
  }

  async #estimate(signer: OfflineDirectSigner, messages: readonly Any[], account: AccountState): Promise<bigint> {
    const txBytes = await unsignedTx(signer, messages, account.sequence);
    const { gasInfo } = await this.#simulator.simulate({ txBytes }).catch((error: unknown) => Promise.reject(refusalOf(error)));
    return (present(gasInfo, "gas_info").gasUsed * 14n) / 10n;
  }

  async #account(address: string): Promise<AccountState> {
    try {
      const { info } = await this.query.auth.accountInfo({ address });
      const { accountNumber, sequence } = present(info, "info");
      return { accountNumber, sequence };
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "not_found") throw error;
      throw new ClientError("account_not_found", `account ${address} does not exist on the chain`, "send it some unil first");
    }
  }

  async #findTx(hash: string): Promise<TxResponse | undefined> {
    try {
      return present((await this.query.tx.getTx({ hash })).txResponse, "tx_response");
    } catch (error) {
      if (error instanceof ClientError && error.code === "not_found") return undefined;
      throw error;
    }
  }

  #inLane<T>(address: string, work: () => Promise<T>): Promise<T> {
    const before = this.#lanes.get(address) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#lanes.set(address, done);
    return done;
  }
}

const WRONG_SEQUENCE = 32;

/** The answer to message `index`. @throws ClientError `bad_response`. */
export function responseOf<Desc extends DescMessage>(result: TxResult, index: number, schema: Desc): MessageShape<Desc> {
  const any = result.responses[index];
  return present(any === undefined ? undefined : anyUnpack(any, schema), `${schema.typeName} as answer ${index}`);
}

/** @throws ClientError `bad_response` when the node left out what its schema promises. */
export function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ClientError("bad_response", `the node's answer has no ${name}`, "does this client fit the node's version?");
  return value;
}

function resultOf(response: TxResponse): TxResult {
  const { code, codespace, rawLog, txhash, height, gasWanted, gasUsed, events } = response;
  if (code !== 0) throw new ChainError({ codespace, code, log: rawLog, txHash: txhash, height });
  const data = fromHex(response.data);
  const { msgResponses } = fromBinary(TxMsgDataSchema, data);
  return { code: 0, hash: txhash, height, log: rawLog, gasWanted, gasUsed, events, data, responses: msgResponses };
}

/** A simulation fails as the transaction would: with the rule's codespace and code, which travel as metadata. */
function refusalOf(error: unknown): unknown {
  const codespace = error instanceof ConnectError ? error.metadata.get("x-nild-codespace") : null;
  if (!(error instanceof ConnectError) || codespace === null) return fromConnect(error);
  return new ChainError({ codespace, code: Number(error.metadata.get("x-nild-code")), log: error.rawMessage, txHash: "" });
}

function withTypedErrors(inner: Transport): Transport {
  return {
    unary: (...args) => inner.unary(...args).catch((error: unknown) => Promise.reject(fromConnect(error))),
    stream: (...args) => inner.stream(...args),
  };
}
