export { DatabaseError, type DatabaseErrorCode, LevelDatabase, type LevelOptions, openLevel } from "./level.js";
