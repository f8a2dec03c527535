/** The SDK's public surface: what modules, the application and engines build on. */
export * from "./errors.js";
export * from "./gas.js";
export * from "./events.js";
export * from "./context.js";
export * from "./collections/index.js";
export * from "./module/index.js";
export * from "./baseapp/index.js";
export * from "./codec/index.js";
export * from "./crypto/index.js";
export * from "./lib/integer.js";
export * from "./store/index.js";
export * from "./json/index.js";
