export { type HookPoint, type Listener, hookPoint } from "./hooks.js";
export * from "./module.js";
