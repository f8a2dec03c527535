import { GenesisStateSchema } from "nild/gen/cosmos/bank/v1beta1/genesis_pb.js";
import { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Msg } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import {
  BASE_STORE,
  BaseApp,
  type BaseAppOptions,
  type ExecCtx,
  type MsgHandlers,
  MultiStore,
  type QueryHandlers,
  type ReadCtx,
  defineModule,
  deps,
  k,
  standardRegistry,
  v,
} from "nild/sdk";
import { type Fixture, type FixtureOptions, fixture } from "nild/testing";

/** What the probe module does; a test replaces the parts that it is about. */
export interface Behaviour {
  send(ctx: ExecCtx, marks: Marks): undefined;
  beginBlock(ctx: ExecCtx, marks: Marks): undefined;
  endBlock(ctx: ExecCtx, marks: Marks): undefined;
  invariant(ctx: ReadCtx): string | undefined;
}

/** The probe's state: named marks. */
export interface Marks {
  add(ctx: ExecCtx, name: string): undefined;
  list(ctx: ReadCtx): string[];
}

export const QUIET: Behaviour = { send: () => undefined, beginBlock: () => undefined, endBlock: () => undefined, invariant: () => undefined };

/** A module with the bank's services and behaviour of the test's own. */
export function probeModule(behaviour: Partial<Behaviour> = {}) {
  const does = { ...QUIET, ...behaviour };
  return defineModule({
    name: "probe",
    consensusVersion: 1,
    services: { msg: Msg, query: Query },
    genesis: GenesisStateSchema,
    errors: { Refused: 2 },
    needs: deps<Record<never, never>>(),
    state: (s) => ({ marks: s.map(0, "marks", k.str, v.u64) }),
    build({ state }) {
      const marks: Marks = {
        add: (ctx, name) => void state.marks.set(ctx, name, ctx.height),
        list: (ctx) => state.marks.keys(ctx),
      };
      const nothing = () => ({});
      return {
        msgs: {
          send(ctx) {
            does.send(ctx, marks);
            return {};
          },
          multiSend: nothing,
          updateParams: nothing,
        } satisfies MsgHandlers<typeof Msg>,
        validate: { send: () => undefined, multiSend: () => undefined, updateParams: () => undefined },
        queries: new Proxy({} as QueryHandlers<typeof Query>, { get: () => nothing }),
        genesis: { default: () => ({}), validate: () => undefined, init: () => undefined, export: () => ({}) },
        invariants: { holds: (ctx: ReadCtx) => does.invariant(ctx) },
        beginBlock: (ctx: ExecCtx) => does.beginBlock(ctx, marks),
        endBlock: (ctx: ExecCtx) => does.endBlock(ctx, marks),
        api: marks,
      };
    },
  })({}, { authority: "" });
}

export type Probe = ReturnType<typeof probeModule>;

/** An application of the probe alone, without ante steps: nobody signs, nobody pays. */
export function probeApp(probe: Probe, env: Parameters<FixtureOptions["app"]>[0], over: Partial<BaseAppOptions> = {}): BaseApp {
  return new BaseApp({
    name: "probe",
    version: "1",
    appVersion: 1n,
    modules: [probe],
    order: { initGenesis: ["probe"], beginBlock: ["probe"], endBlock: ["probe"] },
    registry: standardRegistry(),
    store: MultiStore.open(env.db, [BASE_STORE, "probe"]),
    checkers: {},
    ante: [],
    onUnexpected: env.onUnexpected,
    ...over,
  });
}

export function probeChain(behaviour: Partial<Behaviour>, over: Partial<BaseAppOptions> = {}): { nild: Fixture; probe: Probe } {
  const probe = probeModule(behaviour);
  return { probe, nild: fixture({ app: (env) => probeApp(probe, env, over) }) };
}
