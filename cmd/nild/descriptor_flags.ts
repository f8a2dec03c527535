import type { DescMessage } from "@bufbuild/protobuf";
import { type Command, Option } from "commander";
import type { Comments } from "./comments.js";
import { flagOf, placeholderOf } from "./fields.js";

/** Gives a command one option per field, except those taken by position (optional there) or left out. */
export function describeFields(self: Command, schema: DescMessage, positional: readonly string[], comments: Comments, without: readonly string[] = []): void {
  for (const name of positional) {
    if (!without.includes(name)) self.argument(`[${name.replaceAll("_", "-")}]`, fieldComment(schema, name, comments));
  }
  for (const field of schema.fields) {
    if (without.includes(field.name)) continue;
    self.addOption(new Option(`--${flagOf(field)} <${placeholderOf(field)}>`, comments.field(field)));
  }
}

function fieldComment(schema: DescMessage, name: string, comments: Comments): string {
  const field = schema.fields.find((each) => each.name === name);
  return field ? comments.field(field) : "";
}

/** Field texts by proto name, from options and positional arguments. */
export function textsFrom(schema: DescMessage, positional: readonly string[], options: object, args: readonly (string | undefined)[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const field of schema.fields) {
    const text = (options as Record<string, unknown>)[optionKey(field.name)];
    if (typeof text === "string") texts.set(field.name, text);
  }
  positional.forEach((name, i) => {
    const text = args[i];
    if (text !== undefined) texts.set(name, text);
  });
  return texts;
}

/** commander's key of a flag: --deal-id → dealId. */
const optionKey = (name: string): string => name.replaceAll("_", "-").replace(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
