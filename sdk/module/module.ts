import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Check, ExecCtx, ReadCtx } from "../context.js";
import { type ErrorSet, errorSet, sdkErr } from "../errors.js";
import { StateSchema } from "../collections/schema.js";

/** A response may not be a promise: an `async` handler does not compile. */
type Sync<T> = T & { readonly then?: never };

type MethodNames<S extends DescService> = keyof S["method"];
type Input<S extends DescService, M extends MethodNames<S>> = MessageShape<S["method"][M]["input"]>;
type Output<S extends DescService, M extends MethodNames<S>> = Sync<MessageInitShape<S["method"][M]["output"]>>;

/** One handler per rpc: a missing one does not compile. */
export type MsgHandlers<S extends DescService> = { [M in MethodNames<S>]: (ctx: ExecCtx, msg: Input<S, M>) => Output<S, M> };
export type QueryHandlers<S extends DescService> = { [M in MethodNames<S>]: (ctx: ReadCtx, request: Input<S, M>) => Output<S, M> };

/** Stateless, per message: what must hold before any fee is taken. Throws SdkError. */
export type MsgValidators<S extends DescService> = { [M in MethodNames<S>]: (msg: Input<S, M>) => undefined };
/** Costly stateless checks of a message, for the node to run off the main thread. */
export type MsgChecks<S extends DescService> = { [M in MethodNames<S>]?: (msg: Input<S, M>) => Check[] };

/** Genesis in and out: export ∘ init is the identity. `validate` is stateless and throws SdkError with the JSON path. */
export interface GenesisHandlers<G extends DescMessage> {
  default(): MessageInitShape<G>;
  validate(genesis: MessageShape<G>): undefined;
  init(ctx: ExecCtx, genesis: MessageShape<G>): undefined;
  export(ctx: ReadCtx): MessageInitShape<G>;
}

/** Throws or returns undefined; never void, which would accept an async function. */
export type Blocker = (ctx: ExecCtx) => undefined;
/** Returns what is broken, in words, or undefined. Never runs on chain. */
export type Invariant = (ctx: ReadCtx) => string | undefined;
/** From version N to N+1 of the module's state, inside an upgrade's block. */
export type Migration = (ctx: ExecCtx) => undefined;

/** A phantom that carries the type of a module's ports. */
export interface Deps<D> {
  readonly _ports?: D;
}
/** Says which ports a module needs: `needs: deps<{ bank: BankPort }>()`. */
export function deps<D>(): Deps<D> {
  return {};
}

/** What `build` is given. */
export interface BuildContext<St, E extends Record<string, number>, D> {
  readonly state: St;
  readonly err: ErrorSet<E>;
  readonly deps: D;
  /** Who may update parameters: governance's account unless genesis names another (bech32). */
  readonly authority: string;
  /** Throws sdk/4 unless `signer` is the authority. */
  assertAuthority(signer: string): undefined;
}

/** What `build` returns: all that the base app runs of a module. */
export interface ModuleParts<M extends DescService, Q extends DescService, G extends DescMessage, Api> {
  readonly msgs: MsgHandlers<M>;
  readonly validate: MsgValidators<M>;
  readonly checks?: MsgChecks<M>;
  readonly queries: QueryHandlers<Q>;
  readonly genesis: GenesisHandlers<G>;
  readonly invariants: Readonly<Record<string, Invariant>>;
  readonly beginBlock?: Blocker;
  readonly endBlock?: Blocker;
  /** Index i migrates from version i+1; there is one less than `consensusVersion`. */
  readonly migrations?: readonly Migration[];
  /** What the module offers to others. */
  readonly api: Api;
}

/** What an author writes. */
export interface ModuleDefinition<
  St,
  E extends Record<string, number>,
  D,
  M extends DescService,
  Q extends DescService,
  G extends DescMessage,
  Api,
> {
  /** Names the codespace, the store and the module account. */
  readonly name: string;
  readonly consensusVersion: number;
  readonly services: { readonly msg: M; readonly query: Q };
  readonly genesis: G;
  /** Append-only; codes from 2. */
  readonly errors: E;
  readonly needs: Deps<D>;
  readonly state: (s: StateSchema) => St;
  readonly build: (context: BuildContext<St, E, D>) => ModuleParts<M, Q, G, Api>;
}

/** A module as the base app sees it, its own types erased. */
export interface AppModule {
  readonly name: string;
  readonly consensusVersion: number;
  readonly services: { readonly msg: DescService; readonly query: DescService };
  readonly genesisSchema: DescMessage;
  readonly errors: Readonly<Record<string, number>>;
  readonly collections: StateSchema["collections"];
  readonly parts: ErasedParts;
}

/** The parts with their message types erased; the router pairs each with its descriptor. */
export interface ErasedParts {
  readonly msgs: Readonly<Record<string, (ctx: ExecCtx, msg: never) => object>>;
  readonly validate: Readonly<Record<string, (msg: never) => undefined>>;
  readonly checks: Readonly<Record<string, ((msg: never) => Check[]) | undefined>>;
  readonly queries: Readonly<Record<string, (ctx: ReadCtx, request: never) => object>>;
  readonly genesis: GenesisHandlers<DescMessage>;
  readonly invariants: Readonly<Record<string, Invariant>>;
  readonly beginBlock: Blocker | undefined;
  readonly endBlock: Blocker | undefined;
  readonly migrations: readonly Migration[];
}

/** A module with its ports filled in; `api` is what others are wired with. */
export interface BuiltModule<Api> extends AppModule {
  readonly api: Api;
}

/** Wired by hand in app/app.ts: `vaultModule({ bank }, { authority })`. */
export type ModuleFactory<D, Api> = (deps: D, wiring: { readonly authority: string }) => BuiltModule<Api>;

/** Declares a module; see docs/guides/module-author.md for a whole one. */
export function defineModule<
  St,
  const E extends Record<string, number>,
  D,
  M extends DescService,
  Q extends DescService,
  G extends DescMessage,
  Api,
>(definition: ModuleDefinition<St, E, D, M, Q, G, Api>): ModuleFactory<D, Api> {
  return (ports, { authority }) => {
    const schema = new StateSchema(definition.name);
    const state = definition.state(schema);
    const parts = definition.build({
      state,
      err: errorSet(definition.name, definition.errors),
      deps: ports,
      authority,
      assertAuthority(signer) {
        if (signer !== authority) throw sdkErr.Unauthorized(`expected authority ${authority}, got ${signer}`);
      },
    });
    const migrations = parts.migrations ?? [];
    if (migrations.length !== definition.consensusVersion - 1) {
      throw new Error(`${definition.name}: version ${definition.consensusVersion} needs ${definition.consensusVersion - 1} migrations, has ${migrations.length}`);
    }
    return {
      name: definition.name,
      consensusVersion: definition.consensusVersion,
      services: definition.services,
      genesisSchema: definition.genesis,
      errors: definition.errors,
      collections: schema.collections,
      parts: {
        msgs: parts.msgs,
        validate: parts.validate,
        checks: parts.checks ?? {},
        queries: parts.queries,
        genesis: parts.genesis as unknown as GenesisHandlers<DescMessage>,
        invariants: parts.invariants,
        beginBlock: parts.beginBlock,
        endBlock: parts.endBlock,
        migrations,
      } as unknown as ErasedParts,
      api: parts.api,
    };
  };
}

/** The rpcs of a service as [localName, method] pairs, in declaration order. */
export function methodsOf(service: DescService): [string, DescMethod][] {
  return Object.entries(service.method);
}
