/** The nild application: modules wired in their order, and its genesis. */
export { APP_NAME, APP_VERSION, type AppOptions, createApp } from "./app.js";
export { BLOCKED_ADDRESSES, GOVERNANCE, MODULE_ACCOUNTS } from "./accounts.js";
export { ORDER } from "./order.js";
export { type GenesisPlan, addGenesisAccount, allModules, newAppState, validateAppState } from "./genesis.js";
