export { challengeModule } from "./module.js";
export type { ChallengeApi } from "./api.js";
