export { bankModule } from "./module.js";
export { BASE_DENOM, type BankApi, type BurnBank, type Coin, type MintBank, type ModuleBank } from "./api.js";
