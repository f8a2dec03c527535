export { type HookPoint, type Listener, hookPoint } from "./hooks.js";
export * from "./module.js";
export { type Page, type PageRequest, paginate } from "./paging.js";
