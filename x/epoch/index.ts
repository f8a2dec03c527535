export { epochModule } from "./module.js";
export type { EpochApi } from "./api.js";
