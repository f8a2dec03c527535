export { retrievalModule } from "./module.js";
export type { CompletedHook, RetrievalApi, RetrievalCompleted } from "./api.js";
