export { dealModule } from "./module.js";
export type { DealApi, DealClosing, DealDeps } from "./api.js";
