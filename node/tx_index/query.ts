import type { Event } from "nild/gen/tendermint/abci/types_pb.js";
import { NodeError } from "../errors.js";

export type Operator = "=" | "<" | "<=" | ">" | ">=" | "CONTAINS" | "EXISTS";

export interface Condition {
  /** "tx.hash", "tx.height" or "event type.attribute key". */
  readonly tag: string;
  readonly operator: Operator;
  /** "" for EXISTS. Numbers stay as written. */
  readonly operand: string;
  readonly numeric: boolean;
}

const MAX_QUERY_CHARS = 512;
const MAX_CONDITIONS = 16;
const TOKEN = /\s*(?:(<=|>=|=|<|>)|'([^']*)'|([A-Za-z0-9_./-]+))/y;

/** CometBFT's query grammar without dates: `tag op operand`, `tag CONTAINS 'x'`, `tag EXISTS`, joined by AND. */
export function parseQuery(text: string): readonly Condition[] {
  if (text.length > MAX_QUERY_CHARS) throw queryError(`longer than ${MAX_QUERY_CHARS} characters`);
  const tokens = tokenize(text);
  const conditions: Condition[] = [];
  let at = 0;
  do {
    const tag = tokens[at++];
    const operator = tokens[at++];
    if (tag?.kind !== "word" || !tag.text.includes(".")) throw queryError("expected an attribute such as message.sender");
    if (operator === undefined) throw queryError(`nothing after ${tag.text}`);
    if (operator.kind === "word" && operator.text === "EXISTS") {
      conditions.push({ tag: tag.text, operator: "EXISTS", operand: "", numeric: false });
    } else {
      conditions.push(comparison(tag.text, operator, tokens[at++]));
    }
    if (conditions.length > MAX_CONDITIONS) throw queryError(`more than ${MAX_CONDITIONS} conditions`);
  } while (isAnd(tokens[at++]));
  return conditions;
}

interface Token {
  readonly kind: "operator" | "string" | "word";
  readonly text: string;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  const whole = text.trimEnd();
  while (end < whole.length) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(whole);
    if (match === null) throw queryError(`cannot read it at character ${end + 1}`);
    const [, operator, string, word] = match;
    tokens.push(operator !== undefined ? { kind: "operator", text: operator } : string !== undefined ? { kind: "string", text: string } : { kind: "word", text: word! });
    end = TOKEN.lastIndex;
  }
  return tokens;
}

function comparison(tag: string, operator: Token, operand: Token | undefined): Condition {
  if (operand === undefined || operand.kind === "operator") throw queryError(`nothing to compare ${tag} with`);
  const numeric = operand.kind === "word";
  if (numeric && !/^-?\d{1,30}$/.test(operand.text)) throw queryError(`"${operand.text}" is neither a number nor a quoted string`);
  if (operator.kind === "word" && operator.text === "CONTAINS" && !numeric) {
    return { tag, operator: "CONTAINS", operand: operand.text, numeric };
  }
  if (operator.kind !== "operator") throw queryError(`"${operator.text}" is no operator`);
  if (operator.text !== "=" && !numeric && !/^\d{1,30}$/.test(operand.text)) throw queryError(`${tag} ${operator.text} needs a number`);
  return { tag, operator: operator.text as Operator, operand: operand.text, numeric };
}

function isAnd(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "word" && token.text === "AND") return true;
  throw queryError(`expected AND, not "${token.text}"`);
}

export function queryError(what: string): NodeError {
  return new NodeError("query.invalid", `query: ${what}`);
}

/** Whether the events satisfy the conditions; those on one event type must hold within a single event. */
export function matchesEvents(conditions: readonly Condition[], events: readonly Event[]): boolean {
  const byType = new Map<string, Condition[]>();
  for (const condition of conditions) {
    const type = condition.tag.slice(0, condition.tag.lastIndexOf("."));
    byType.set(type, [...(byType.get(type) ?? []), condition]);
  }
  return [...byType].every(([type, group]) =>
    events.some((event) => event.type === type && group.every((condition) => holds(condition, event))),
  );
}

function holds(condition: Condition, event: Event): boolean {
  const name = condition.tag.slice(condition.tag.lastIndexOf(".") + 1);
  return event.attributes.some((each) => each.key === name && compare(condition, each.value));
}

function compare({ operator, operand }: Condition, value: string): boolean {
  switch (operator) {
    case "EXISTS":
      return true;
    case "=":
      return value === operand;
    case "CONTAINS":
      return value.includes(operand);
    default: {
      if (!/^-?\d{1,30}$/.test(value)) return false;
      const [left, right] = [BigInt(value), BigInt(operand)];
      if (operator === "<") return left < right;
      if (operator === "<=") return left <= right;
      return operator === ">" ? left > right : left >= right;
    }
  }
}
