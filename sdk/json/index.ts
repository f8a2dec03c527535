export { JsonError, type JsonNode, parseJson, quote, writeJson } from "./text.js";
export { type AnyTypes, messageFromJson, messageToJson } from "./message.js";
