export * from "./application.js";
export { type AnteStep, type ExecMode, type RoutedMessage, type Transaction } from "./ante.js";
export { BaseApp, type BaseAppOptions } from "./base_app.js";
export { BASE_STORE } from "./chain_state.js";
export { type AppGenesis, anyTypes, defaultGenesis, genesisToJson, parseGenesis } from "./genesis.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export { STATELESS_ANTE } from "./stateless_ante.js";
