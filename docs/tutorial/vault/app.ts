import { BASE_STORE, BaseApp, type Database, MultiStore, addressToString, dec, moduleAddress, standardRegistry } from "nild/sdk";
import { FEE_COLLECTOR, type ModuleAccounts, anteSteps, authModule, signatureCheckers } from "nild/x/auth";
import { BASE_DENOM, bankModule } from "nild/x/bank";
import { vaultModule } from "./index.js";

// #region accounts
/** Accounts that modules own, with what their modules may do besides moving their own coins. */
const MODULE_ACCOUNTS: ModuleAccounts = { [FEE_COLLECTOR]: [], governance: [], vault: [] };
/** Nobody pays these by message. */
const BLOCKED = new Set(Object.keys(MODULE_ACCOUNTS).map((name) => addressToString(moduleAddress(name))));
/** Who may change parameters. */
export const AUTHORITY = addressToString(moduleAddress("governance"));
// #endregion

// #region app
/** A chain of three modules on a database. */
export function vaultChain({ db, onUnexpected }: { db: Database; onUnexpected: (error: unknown) => undefined }): BaseApp {
  const wiring = { authority: AUTHORITY };
  const auth = authModule({ moduleAccounts: MODULE_ACCOUNTS }, wiring);
  const bank = bankModule({ auth: auth.api, moduleAccounts: MODULE_ACCOUNTS, blocked: BLOCKED }, wiring);
  const vault = vaultModule({ bank: bank.api.forModule("vault") }, wiring);
  const modules = [auth, bank, vault];
  return new BaseApp({
    name: "vaultchain",
    version: "1.0.0",
    appVersion: 1n,
    modules,
    order: { initGenesis: ["auth", "bank", "vault"], beginBlock: [], endBlock: ["vault"] },
    registry: standardRegistry(),
    store: MultiStore.open(db, [BASE_STORE, ...modules.map(({ name }) => name)]),
    checkers: signatureCheckers,
    ante: anteSteps(auth.api, bank.api, { denom: BASE_DENOM, minGasPrice: dec("0.001") }),
    onUnexpected,
  });
}
// #endregion
