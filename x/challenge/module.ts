import { defineModule, deps } from "nild/sdk";
import { GenesisStateSchema } from "nild/gen/nil/challenge/v1/genesis_pb.js";
import { Query } from "nild/gen/nil/challenge/v1/query_pb.js";
import { Msg } from "nild/gen/nil/challenge/v1/tx_pb.js";
import type { ChallengeApi } from "./api.js";
import { CHALLENGE_ERRORS } from "./errors.js";
import { genesisHandlers } from "./genesis.js";
import { msgHandlers } from "./handlers.js";
import { invariants } from "./invariants.js";
import { challengeKeeper } from "./keeper.js";
import { queryHandlers } from "./queries.js";
import type { ChallengeEnv } from "./records.js";
import { challengeState } from "./state.js";
import { msgChecks, msgValidators } from "./validate.js";

export const challengeModule = defineModule({
  name: "challenge",
  consensusVersion: 1,
  services: { msg: Msg, query: Query },
  genesis: GenesisStateSchema,
  errors: CHALLENGE_ERRORS,
  needs: deps<ChallengeEnv["deps"]>(),
  state: challengeState,
  build({ state, err, deps: ports, assertAuthority }) {
    const env = { state, err, deps: ports };
    const keeper = challengeKeeper(env);
    const { slotChanging, dealClosing, retrievalCompleted } = keeper;
    return {
      msgs: msgHandlers(keeper, assertAuthority),
      validate: msgValidators(err),
      checks: msgChecks,
      queries: queryHandlers(env),
      genesis: genesisHandlers(state, err),
      invariants: invariants(env),
      beginBlock: keeper.beginBlock,
      api: { slotChanging, dealClosing, retrievalCompleted } satisfies ChallengeApi as ChallengeApi,
    };
  },
});
