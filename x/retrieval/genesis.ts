import { type GenesisHandlers, addressFromString, amount } from "nild/sdk";
import { checkProfile, leafIndexOf, refusedAs, toHex } from "nild/nilfs";
import type { GenesisStateSchema } from "nild/gen/nil/retrieval/v1/genesis_pb.js";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { RetrievalErrors } from "./errors.js";
import { DEFAULT_PARAMS, MAX_BLOBS, checkParams } from "./params.js";
import type { RetrievalState } from "./state.js";
import { ROOT_BYTES, SESSION_ID_BYTES } from "./validate.js";

export function genesisHandlers(state: RetrievalState, err: RetrievalErrors): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS }),
    validate({ params, sessions, nonces }) {
      checkParams(err, params);
      const ids = new Set<string>();
      const lastNonces = new Map<string, bigint>();
      nonces.forEach(({ opener, nonce }, i) => {
        addressFromString(opener);
        if (lastNonces.has(opener)) throw err.InvalidGenesis(`nonces[${i}]: ${opener} twice`);
        if (nonce === 0n) throw err.InvalidGenesis(`nonces[${i}].nonce: 0`);
        lastNonces.set(opener, nonce);
      });
      sessions.forEach((session, i) => {
        const path = `sessions[${i}]`;
        const fail = (field: string, fault: string) => err.InvalidGenesis(`${path}.${field}: ${fault}`);
        if (session.id.length !== SESSION_ID_BYTES) throw fail("id", `${session.id.length} bytes`);
        if (ids.has(toHex(session.id))) throw fail("id", "twice");
        ids.add(toHex(session.id));
        addressFromString(session.opener);
        addressFromString(session.provider);
        amount(session.lockedFee);
        if (session.manifestRoot.length !== ROOT_BYTES) throw fail("manifest_root", `${session.manifestRoot.length} bytes`);
        if (session.seed.length !== 32) throw fail("seed", `${session.seed.length} bytes`);
        if (!session.profile) throw fail("profile", "missing");
        const { profile, slot, startRow } = session;
        // A slot or row outside the profile would have no positions to prove.
        refusedAs((detail) => fail("profile", detail), () => checkProfile(profile));
        refusedAs((detail) => fail("slot", detail), () => leafIndexOf(profile, slot, startRow));
        if (session.blobCount === 0n || session.blobCount > MAX_BLOBS) throw fail("blob_count", `${session.blobCount} is outside 1 to ${MAX_BLOBS}`);
        if (session.status === Status.UNSPECIFIED || Status[session.status] === undefined) throw fail("status", "unknown");
        if (session.nonce > (lastNonces.get(session.opener) ?? 0n)) throw fail("nonce", "above the opener's last one");
      });
      return undefined;
    },
    init(ctx, { params, sessions, nonces }) {
      state.params.set(ctx, params!);
      for (const session of sessions) state.sessions.set(ctx, session.id, session);
      for (const { opener, nonce } of nonces) state.nonces.set(ctx, opener, nonce);
      return undefined;
    },
    export: (ctx) => ({
      params: state.params.get(ctx),
      sessions: [...state.sessions.all(ctx)].map(([, session]) => session),
      nonces: [...state.nonces.all(ctx)].map(([opener, nonce]) => ({ opener, nonce })),
    }),
  };
}
