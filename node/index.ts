/** Everything around the application: the engine, its mempool and stores, servers, workers, keys and files. */
export * from "./errors.js";
export * from "./clock.js";
export * from "./log/log.js";
export * from "./config/genesis.js";
export * from "./engine/chain.js";
export * from "./engine/embedded/consensus_key.js";
export * from "./engine/embedded/signer.js";
export * from "./engine/embedded/block_store.js";
export * from "./db/index.js";
export { EmbeddedEngine, type EmbeddedEngineOptions } from "./engine/embedded/engine.js";
export * from "./mempool/limits.js";
export type { AsyncChecker, AsyncCheckers } from "./mempool/prechecks.js";
