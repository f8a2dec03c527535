export { providerModule } from "./module.js";
export type { ProviderApi, ProviderDeps, RecordedVerdict, StatusChanged } from "./api.js";
