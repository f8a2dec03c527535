export { authModule } from "./module.js";
export type { AuthApi, FeePort, ModuleAccounts } from "./api.js";
export { anteSteps } from "./ante/index.js";
export { FEE_COLLECTOR, type FeeRules } from "./ante/fee.js";
export { packKey, unpackKey } from "./ante/public_key.js";
export { ED25519_CHECK, SECP256K1_CHECK, signatureCheckers } from "./ante/signature.js";
