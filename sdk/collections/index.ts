export { type Collection, type ScanOptions } from "./key_space.js";
export { type KeyCodec, type TupleCodec, k } from "./keys.js";
export { type Page, type PageScan, pageOf } from "./page.js";
export { type ValueCodec, proto, v } from "./values.js";
export { Item, KeyMap, KeySet, Sequence } from "./collections.js";
export { IndexedMap, MultiIndex } from "./indexed_map.js";
export { StateSchema } from "./schema.js";
