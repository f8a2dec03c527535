import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack, type Any } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";
import { createHash } from "node:crypto";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { TxMsgDataSchema, TxResponseSchema, type TxResponse } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { Service as NodeService } from "nild/gen/cosmos/base/tendermint/v1beta1/query_pb.js";
import { Service as TxService } from "nild/gen/cosmos/tx/v1beta1/service_pb.js";
import { AuthInfoSchema, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { Query as ChallengeQuery, QueryDueResponseSchema, type QueryDueResponse } from "nild/gen/nil/challenge/v1/query_pb.js";
import { Query as DealQuery } from "nild/gen/nil/deal/v1/query_pb.js";
import { DealSchema, Status as DealStatus, type Deal } from "nild/gen/nil/deal/v1/types_pb.js";
import { Query as Mode2Query, QueryReadinessResponseSchema, type QueryReadinessResponse } from "nild/gen/nil/mode2/v1/query_pb.js";
import { SlotStatus, VolumeSchema, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Query as ProviderQuery } from "nild/gen/nil/provider/v1/query_pb.js";
import { ProviderSchema, type Provider } from "nild/gen/nil/provider/v1/types_pb.js";
import { Query as RetrievalQuery } from "nild/gen/nil/retrieval/v1/query_pb.js";
import type { Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { witnessMdus, type Profile } from "nild/nilfs";
import { ChainClient, msg } from "nild/client";

export type Handle<Desc extends DescMessage> = (chain: FakeChain, message: MessageShape<Desc>) => Any;

/** A refusal that CheckTx would give. */
export class Refusal extends Error {
  constructor(
    readonly codespace: string,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A chain in memory behind the real Connect services: state is plain data that tests set and read, each transaction is a
 * block. Message rules are given by the test that needs them.
 */
export class FakeChain {
  readonly id = "nild-test-1";
  height = 10n;
  readonly providers = new Map<string, Provider>();
  readonly deals = new Map<bigint, Deal>();
  readonly volumes = new Map<bigint, Volume>();
  readonly sessions = new Map<string, Session>();
  readonly nonces = new Map<string, bigint>();
  readonly sequences = new Map<string, bigint>();
  /** Type names of executed messages, in order. */
  readonly executed: string[] = [];
  /** CheckTx answers to give before anything else. */
  readonly refuseNext: { codespace: string; code: number; log: string }[] = [];
  due: QueryDueResponse = create(QueryDueResponseSchema, { epoch: 1n, endHeight: 100n, z: new Uint8Array(32) });
  readiness: QueryReadinessResponse | undefined;
  maxBlobsPerSession = 4096n;
  down = false;
  readonly #handlers = new Map<string, { schema: DescMessage; handle: Handle<DescMessage> }>();
  readonly #txs = new Map<string, TxResponse>();

  on<Desc extends DescMessage>(schema: Desc, handle: Handle<Desc>): this {
    this.#handlers.set(schema.typeName, { schema, handle: handle as unknown as Handle<DescMessage> });
    return this;
  }

  client(): ChainClient {
    return new ChainClient({ transport: this.transport(), pollMs: 5, confirmTimeoutMs: 2_000 });
  }

  addProvider(address: string, responseKey: Uint8Array, endpoint: string): void {
    this.providers.set(address, create(ProviderSchema, { address, responseKey, endpoints: [endpoint] }));
  }

  /** An empty open deal with these providers in its slots. */
  addDeal(id: bigint, owner: string, profile: Profile, providers: readonly string[], maxUserMdus = 1): Volume {
    this.deals.set(id, create(DealSchema, { id, owner, status: DealStatus.OPEN, endHeight: 10_000n }));
    const volume = create(VolumeSchema, {
      dealId: id,
      owner,
      profile,
      slots: providers.map((provider, slot) => ({ slot, provider, status: SlotStatus.ACTIVE })),
      witnessMdus: BigInt(witnessMdus(profile, maxUserMdus)),
      maxUserMdus: BigInt(maxUserMdus),
      endHeight: 10_000n,
    });
    this.volumes.set(id, volume);
    return volume;
  }

  transport(): Transport {
    return createRouterTransport(({ service }) => {
      service(NodeService, {
        getNodeInfo: this.#up(() => ({ defaultNodeInfo: { network: this.id } })),
        getLatestBlock: this.#up(() => ({ block: { header: { height: this.height } } })),
      });
      service(AuthQuery, {
        accountInfo: this.#up(({ address }: { address: string }) => {
          const sequence = this.sequences.get(address);
          if (sequence === undefined) throw new ConnectError(`account ${address}`, Code.NotFound);
          return { info: { address, accountNumber: 7n, sequence } };
        }),
      });
      service(TxService, {
        simulate: this.#up(() => ({ gasInfo: { gasUsed: 100_000n } })),
        broadcastTx: this.#up(({ txBytes }: { txBytes: Uint8Array }) => ({ txResponse: this.#broadcast(txBytes) })),
        getTx: this.#up(({ hash }: { hash: string }) => ({ txResponse: found(this.#txs.get(hash), "sdk", 38) })),
      });
      service(ProviderQuery, {
        params: () => ({ params: { allowPrivateEndpoints: true } }),
        provider: this.#up(({ address }: { address: string }) => ({ provider: found(this.providers.get(address), "provider", 2) })),
      });
      service(DealQuery, { deal: this.#up(({ id }: { id: bigint }) => ({ deal: found(this.deals.get(id), "deal", 2) })) });
      service(Mode2Query, {
        volume: this.#up(({ dealId }: { dealId: bigint }) => ({ volume: found(this.volumes.get(dealId), "mode2", 2) })),
        assignments: this.#up(({ provider }: { provider: string }) => ({ assignments: this.#assignments(provider) })),
        readiness: this.#up(() => found(this.readiness, "mode2", 16) ?? create(QueryReadinessResponseSchema)),
      });
      service(RetrievalQuery, {
        params: () => ({ params: { maxSessionBlocks: 50n, maxBlobsPerSession: this.maxBlobsPerSession } }),
        nonce: ({ opener }) => ({ nonce: this.nonces.get(opener) ?? 0n }),
        session: this.#up(({ sessionId }: { sessionId: Uint8Array }) => ({ session: found(this.sessions.get(Buffer.from(sessionId).toString("hex")), "retrieval", 2) })),
        sessions: ({ provider }) => ({ sessions: [...this.sessions.values()].filter((session) => session.provider === provider) }),
      });
      service(ChallengeQuery, { due: this.#up(() => this.due) });
    });
  }

  #up<I, O>(answer: (input: I) => O): (input: I) => O {
    return (input) => {
      if (this.down) throw new ConnectError("connection refused", Code.Unavailable);
      return answer(input);
    };
  }

  #assignments(provider: string): { dealId: bigint; slot: number; candidate: boolean }[] {
    return [...this.volumes.values()].flatMap(({ dealId, slots }) =>
      slots.flatMap((slot) => (slot.provider === provider || slot.candidate === provider ? [{ dealId, slot: slot.slot, candidate: slot.candidate === provider }] : [])),
    );
  }

  /** CheckTx and the block that takes the transaction. */
  #broadcast(txBytes: Uint8Array): TxResponse {
    const txhash = createHash("sha256").update(txBytes).digest("hex").toUpperCase();
    const refused = this.refuseNext.shift();
    if (refused !== undefined) return create(TxResponseSchema, { txhash, codespace: refused.codespace, code: refused.code, rawLog: refused.log });
    const raw = fromBinary(TxRawSchema, txBytes);
    const body = fromBinary(TxBodySchema, raw.bodyBytes);
    const sequence = fromBinary(AuthInfoSchema, raw.authInfoBytes).signerInfos[0]!.sequence;
    this.height++;
    const response = this.#execute(txhash, body.messages);
    for (const [address] of this.sequences) if (response.code === 0 || this.sequences.size === 1) this.sequences.set(address, sequence + 1n);
    this.#txs.set(txhash, response);
    return create(TxResponseSchema, { txhash });
  }

  #execute(txhash: string, messages: readonly Any[]): TxResponse {
    try {
      const msgResponses = messages.map((any) => {
        const name = any.typeUrl.slice(1);
        const known = this.#handlers.get(name);
        if (known === undefined) throw new Refusal("sdk", 6, `no handler for ${name}`);
        const response = known.handle(this, anyUnpack(any, known.schema)!);
        this.executed.push(name);
        return response;
      });
      const data = Buffer.from(toBinary(TxMsgDataSchema, create(TxMsgDataSchema, { msgResponses }))).toString("hex").toUpperCase();
      return create(TxResponseSchema, { txhash, height: this.height, data, gasUsed: 90_000n });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return create(TxResponseSchema, { txhash, height: this.height, codespace: error.codespace, code: error.code, rawLog: error.message });
    }
  }
}

export function answer<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return msg(schema, init);
}

function found<T>(value: T | undefined, codespace: string, code: number): T {
  if (value !== undefined) return value;
  if (codespace === "sdk") throw new ConnectError("not found", Code.NotFound);
  throw new ConnectError("not found", Code.Unknown, { "x-nild-codespace": codespace, "x-nild-code": String(code) });
}
