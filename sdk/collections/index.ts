export { type KeyCodec, type TupleCodec, k } from "./keys.js";
export { type Page, type PageScan, pageOf } from "./page.js";
export { type ValueCodec, proto, v } from "./values.js";
export {
  type Collection,
  IndexedMap,
  Item,
  KeyMap,
  KeySet,
  MultiIndex,
  type ScanOptions,
  Sequence,
  StateSchema,
} from "./schema.js";
