import { addressToString, moduleAddress } from "nild/sdk";
import { FEE_COLLECTOR, type ModuleAccounts } from "nild/x/auth";

/** Every account that a module owns, with what its module may do besides moving its own coins. */
export const MODULE_ACCOUNTS: ModuleAccounts = {
  [FEE_COLLECTOR]: [],
  governance: [],
  provider: ["burner"],
  escrow: ["burner"],
};

/** Who may change parameters, unless genesis wiring names another. */
export const GOVERNANCE = addressToString(moduleAddress("governance"));

/** Nobody pays these by message: coins would be out of their modules' books. */
export const BLOCKED_ADDRESSES: ReadonlySet<string> = new Set(Object.keys(MODULE_ACCOUNTS).map((name) => addressToString(moduleAddress(name))));
