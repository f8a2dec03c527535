import { BASE_STORE, BaseApp, type Checker, type Database, type Limits, MultiStore, dec, hookPoint, standardRegistry } from "nild/sdk";
import { anteSteps, authModule, signatureCheckers } from "nild/x/auth";
import { BASE_DENOM, bankModule } from "nild/x/bank";
import { challengeModule } from "nild/x/challenge";
import { type DealClosing, dealModule } from "nild/x/deal";
import { epochModule } from "nild/x/epoch";
import { escrowModule } from "nild/x/escrow";
import { type SlotChanging, mode2Module } from "nild/x/mode2";
import { type StatusChanged, providerModule } from "nild/x/provider";
import { type RetrievalCompleted, retrievalModule } from "nild/x/retrieval";
import { BLOCKED_ADDRESSES, GOVERNANCE, MODULE_ACCOUNTS } from "./accounts.js";
import { ORDER } from "./order.js";

export const APP_NAME = "nild";
export const APP_VERSION = 1n;

export interface AppOptions {
  readonly db: Database;
  /** Software version, for info(). */
  readonly version?: string;
  /** Checkers by kind; given ones replace the reference ones and must agree with them on every input. */
  readonly checkers?: Readonly<Record<string, Checker>>;
  /** This node's floor: base units per gas, a Dec string (default 0.001). Applied on entry to the mempool only. */
  readonly minGasPrice?: string;
  /** Bech32 of who may change parameters; default governance. */
  readonly authority?: string;
  readonly limits?: Partial<Limits>;
  /** Tree nodes kept in memory. */
  readonly cacheNodes?: number;
  /** Told of every bug that a block survived. */
  readonly onUnexpected: (error: unknown) => undefined;
}

/** Wires the modules, bottom up (docs/architecture.md, "Who owns what in state"). */
export function wireModules(authority: string) {
  const wiring = { authority };
  const statusChanged = hookPoint<StatusChanged>("provider.statusChanged");
  const slotChanging = hookPoint<SlotChanging>("mode2.slotChanging");
  const closing = hookPoint<DealClosing>("deal.closing");
  const completed = hookPoint<RetrievalCompleted>("retrieval.completed");

  const auth = authModule({ moduleAccounts: MODULE_ACCOUNTS }, wiring);
  const bank = bankModule({ auth: auth.api, moduleAccounts: MODULE_ACCOUNTS, blocked: BLOCKED_ADDRESSES }, wiring);
  const epoch = epochModule({}, wiring);
  const provider = providerModule({ bank: bank.api.forBurner("provider"), epoch: epoch.api, statusChanged }, wiring);
  const escrow = escrowModule({ bank: bank.api.forBurner("escrow") }, wiring);
  const mode2 = mode2Module({ provider: provider.api, epoch: epoch.api, slotChanging }, wiring);
  const deal = dealModule({ mode2: mode2.api, escrow: escrow.api, closing }, wiring);
  const retrieval = retrievalModule({ epoch: epoch.api, deal: deal.api, mode2: mode2.api, escrow: escrow.api, completed }, wiring);
  const challenge = challengeModule({ epoch: epoch.api, mode2: mode2.api, provider: provider.api, escrow: escrow.api }, wiring);

  statusChanged.seal(mode2.api.onProviderStatus);
  slotChanging.seal(challenge.api.slotChanging);
  closing.seal(retrieval.api.dealClosing, challenge.api.dealClosing);
  completed.seal(challenge.api.retrievalCompleted);
  return { auth, bank, epoch, provider, escrow, mode2, deal, retrieval, challenge };
}

/** The application of nild on a database. Throws if the state was written by modules of other versions. */
export function createApp(options: AppOptions): BaseApp {
  const modules = wireModules(options.authority ?? GOVERNANCE);
  const { auth, bank } = modules;
  const list = Object.values(modules);
  const store = MultiStore.open(options.db, [BASE_STORE, ...list.map(({ name }) => name)], options.cacheNodes === undefined ? {} : { cacheNodes: options.cacheNodes });
  return new BaseApp({
    name: APP_NAME,
    version: options.version ?? "0.1.0",
    appVersion: APP_VERSION,
    modules: list,
    order: ORDER,
    registry: standardRegistry(),
    store,
    checkers: { ...signatureCheckers, ...options.checkers },
    ante: anteSteps(auth.api, bank.api, { denom: BASE_DENOM, minGasPrice: dec(options.minGasPrice ?? "0.001") }),
    ...(options.limits ? { limits: options.limits } : {}),
    onUnexpected: options.onUnexpected,
  });
}
