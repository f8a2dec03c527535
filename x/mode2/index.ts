export { mode2Module } from "./module.js";
export type { Content, ContentCommit, Mode2Api, Mode2Deps, SlotAck, SlotChanging, VolumeTerms } from "./api.js";
