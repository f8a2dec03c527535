import { type QueryHandlers, type ReadCtx, SdkError, addressFromString, sdkErr } from "nild/sdk";
import { challengeZ } from "nild/nilfs";
import type { PageRequest } from "nild/gen/cosmos/base/query/v1beta1/pagination_pb.js";
import type { Query } from "nild/gen/nil/challenge/v1/query_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import { creditsOf, dueOf } from "./answers.js";
import { demandOf } from "./demand.js";
import type { ChallengeEnv } from "./records.js";
import { lastHeight, lateFrom, periodOf } from "./schedule.js";
import type { RecordKey } from "./state.js";

/** Each entry of a page costs its positions, some 64 hashes. */
const MAX_DUE_PAGE = 64n;
const NO_TOKEN = new Uint8Array(0);

export function queryHandlers(env: ChallengeEnv): QueryHandlers<typeof Query> {
  const { state, err, deps } = env;
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    slotRecord(ctx, { dealId, slot }) {
      const record = state.records.find(ctx, [dealId, slot]);
      if (!record) throw err.NotFound(`slot ${slot} of deal ${dealId} is not challenged`);
      return { record };
    },
    due(ctx, { provider, pagination }) {
      addressFromString(provider);
      const epoch = deps.epoch.current(ctx);
      const { keys, nextKey } = duePage(env, ctx, [provider, epoch.number], pagination);
      return {
        epoch: epoch.number,
        lateFromHeight: lateFrom(epoch),
        endHeight: lastHeight(epoch),
        z: challengeZ(epoch.beacon, addressFromString(provider)),
        slots: keys.flatMap((key) => dueSlot(env, ctx, key, epoch)),
        pagination: { nextKey, total: 0n },
      };
    },
    stats(ctx) {
      const load = state.load.get(ctx);
      return { load, periodEpochs: periodOf(state.params.get(ctx), load), proofsVerified: state.proofsVerified.get(ctx) };
    },
  };
}

/** One slot's demand; nothing if it need not answer any more. */
function dueSlot(env: ChallengeEnv, ctx: ReadCtx, key: RecordKey, epoch: Epoch) {
  const record = env.state.records.get(ctx, key);
  try {
    const { volume, content } = dueOf(env, ctx, record, epoch);
    const { dealId, slot } = record;
    const demand = demandOf(env.state.params.get(ctx), { beacon: epoch.beacon, volume, slot, content, credits: creditsOf(record, epoch) });
    return [
      {
        ...{ dealId, slot, generation: content.generation, manifestRoot: content.manifestRoot, totalMdus: content.totalMdus },
        ...{ sizeBytes: content.sizeBytes, witnessMdus: volume.witnessMdus, profile: volume.profile!, ...demand, positions: [...demand.positions] },
      },
    ];
  } catch (reason) {
    if (reason instanceof SdkError && reason.codespace === "challenge") return [];
    throw reason;
  }
}

/** The entries of (provider, epoch) by (deal, slot); a token is U64 deal ‖ U32 slot of the last one. */
function duePage({ state }: ChallengeEnv, ctx: ReadCtx, at: readonly [string, bigint], request: PageRequest | undefined) {
  const { key = NO_TOKEN, offset = 0n, limit = 0n, reverse = false } = request ?? {};
  if (offset > 0n) throw sdkErr.InvalidRequest("pagination: go on by key");
  if (key.length !== 0 && key.length !== 12) throw sdkErr.InvalidRequest("pagination: key is not a token of this query");
  const size = Number(limit === 0n || limit > MAX_DUE_PAGE ? MAX_DUE_PAGE : limit);
  const after = key.length === 0 ? {} : { after: [at, recordKeyOf(key)] as const };
  const keys = state.records.by.byProviderDue.scan(ctx, { at, ...after, reverse, limit: size + 1 });
  const last = keys.length > size ? keys[size - 1] : undefined;
  return { keys: keys.slice(0, size), nextKey: last ? tokenOf(last) : NO_TOKEN };
}

function tokenOf([dealId, slot]: RecordKey): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  view.setBigUint64(0, dealId);
  view.setUint32(8, slot);
  return new Uint8Array(view.buffer);
}

function recordKeyOf(token: Uint8Array): RecordKey {
  const view = new DataView(token.buffer, token.byteOffset, 12);
  return [view.getBigUint64(0), view.getUint32(8)];
}
