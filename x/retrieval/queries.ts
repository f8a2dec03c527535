import { type MultiIndex, type QueryHandlers, type ReadCtx, addressFromString, sdkErr } from "nild/sdk";
import type { PageRequest } from "nild/gen/cosmos/base/query/v1beta1/pagination_pb.js";
import type { Query } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { type Session, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { RetrievalEnv } from "./keeper.js";
import { SESSION_ID_BYTES } from "./validate.js";

const DEFAULT_PAGE = 100n;
const MAX_PAGE = 1_000n;
const MAX_U64 = (1n << 64n) - 1n;
const NO_TOKEN = new Uint8Array(0);
const LAST_ID = new Uint8Array(SESSION_ID_BYTES).fill(0xff);

export function queryHandlers({ state, err }: RetrievalEnv): QueryHandlers<typeof Query> {
  return {
    params: (ctx) => ({ params: state.params.get(ctx) }),
    session(ctx, { sessionId }) {
      const session = state.sessions.find(ctx, sessionId);
      if (!session) throw err.NotFound("no such session, or it ended long ago");
      return { session };
    },
    sessions(ctx, { opener, provider, status, pagination }) {
      if ((opener === "") === (provider === "")) throw err.InvalidRequest("give opener or provider, one of them");
      const { byOpener, byProvider } = state.sessions.by;
      const page = opener === "" ? newestFirst(ctx, byProvider, provider, pagination) : newestFirst(ctx, byOpener, opener, pagination);
      const sessions = page.ids.map((id) => state.sessions.get(ctx, id)).filter((each) => status === Status.UNSPECIFIED || each.status === status);
      return { sessions, pagination: { nextKey: page.nextKey, total: 0n } };
    },
    nonce(ctx, { opener }) {
      addressFromString(opener);
      return { nonce: state.nonces.find(ctx, opener) ?? 0n };
    },
  };
}

type AddressIndex = MultiIndex<readonly [string, bigint], Uint8Array, Session>;

/** One page of an address's sessions; a token is U64 opened height ‖ id of the last one. A filter thins pages out. */
function newestFirst(ctx: ReadCtx, index: AddressIndex, address: string, request: PageRequest | undefined) {
  addressFromString(address);
  const { key = NO_TOKEN, offset = 0n, limit = 0n, reverse = false } = request ?? {};
  if (offset > 0n) throw sdkErr.InvalidRequest("pagination: go on by key");
  if (reverse) throw sdkErr.InvalidRequest("pagination: sessions come newest first");
  if (key.length !== 0 && key.length !== 8 + SESSION_ID_BYTES) throw sdkErr.InvalidRequest("pagination: key is not a token of this query");
  const size = Number(limit === 0n ? DEFAULT_PAGE : limit > MAX_PAGE ? MAX_PAGE : limit);
  const height = key.length === 0 ? MAX_U64 : new DataView(key.buffer, key.byteOffset, 8).getBigUint64(0);
  const id = key.length === 0 ? LAST_ID : key.slice(8);
  const found = index.entries(ctx, { after: [[address, height], id], reverse: true, limit: size + 1 });
  // The index goes on with the address below.
  const end = found.findIndex(([[owner]]) => owner !== address);
  const own = end < 0 ? found : found.slice(0, end);
  const ids = own.slice(0, size).map(([, sessionId]) => sessionId);
  return { ids, nextKey: own.length > size ? tokenOf(own[size - 1]!) : NO_TOKEN };
}

function tokenOf([[, height], id]: readonly [readonly [string, bigint], Uint8Array]): Uint8Array {
  const token = new Uint8Array(8 + id.length);
  new DataView(token.buffer).setBigUint64(0, height);
  token.set(id, 8);
  return token;
}
