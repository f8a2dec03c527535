export { vaultModule } from "./module.js";
export type { VaultApi } from "./api.js";
