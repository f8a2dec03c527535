import type { ProviderErrors } from "./errors.js";

/** A parsed endpoint: where it leads, and whether only the provider's own network can reach it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly scheme: "http" | "https";
  readonly isPrivate: boolean;
}

export const MAX_ENDPOINTS = 8;
const MAX_LENGTH = 256;

/**
 * Parses `/ip4|ip6|dns|dns4|dns6/<host>/tcp/<port>/http|https`. Only one text stands for an address: decimal octets without
 * leading zeros, IPv6 in its shortest lower-case form, names in lower case. @throws provider/7
 */
export function parseEndpoint(err: ProviderErrors, text: string): Endpoint {
  const bad = (why: string) => err.BadEndpoint(`endpoint "${text.slice(0, MAX_LENGTH)}": ${why}; expected /ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT/http|https`);
  if (text.length > MAX_LENGTH) throw bad(`${text.length} characters, at most ${MAX_LENGTH}`);
  const [root, family, host, tcp, portText, scheme, ...rest] = text.split("/");
  if (root !== "" || host === undefined || tcp !== "tcp" || portText === undefined || rest.length > 0) throw bad("not of that shape");
  if (scheme !== "http" && scheme !== "https") throw bad(`unknown protocol "${scheme ?? ""}"`);
  if (!/^[1-9][0-9]{0,4}$/.test(portText) || Number(portText) > 65_535) throw bad(`port "${portText}" is not 1 to 65535`);
  return { host, port: Number(portText), scheme, isPrivate: isPrivateHost(family ?? "", host, bad) };
}

function isPrivateHost(family: string, host: string, bad: (why: string) => Error): boolean {
  if (family === "ip4") {
    const octets = parseIp4(host);
    if (!octets) throw bad("not a dotted IPv4 address");
    return isPrivateIp4(octets);
  }
  if (family === "ip6") {
    const groups = parseIp6(host);
    if (!groups) throw bad("not an IPv6 address in its shortest lower-case form");
    return isPrivateIp6(groups);
  }
  if (family !== "dns" && family !== "dns4" && family !== "dns6") throw bad(`unknown address family "${family}"`);
  if (!isDnsName(host)) throw bad("not a lower-case DNS name");
  return isPrivateName(host);
}

function parseIp4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.map(Number);
}

/** Special-purpose IPv4 blocks that are not globally reachable (IANA registry), as [first octets, their mask in bits]. */
const PRIVATE_IP4: readonly (readonly [readonly [number, number, number, number], number])[] = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 3],
];

function isPrivateIp4(octets: readonly number[]): boolean {
  const value = toNumber(octets);
  return PRIVATE_IP4.some(([first, bits]) => value >>> (32 - bits) === toNumber(first) >>> (32 - bits));
}

function toNumber(octets: readonly number[]): number {
  return octets.reduce((value, octet) => ((value << 8) | octet) >>> 0, 0);
}

/** The eight 16-bit groups, or undefined unless `text` is the canonical form (RFC 5952) without an embedded IPv4 tail. */
function parseIp6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = [...head, ...tail];
  if (!given.every((group) => /^(?:0|[1-9a-f][0-9a-f]{0,3})$/.test(group))) return undefined;
  if (halves.length === 1 ? given.length !== 8 : given.length > 6) return undefined;
  const zeros = Array.from({ length: 8 - given.length }, () => 0);
  const groups = [...head.map(fromHex), ...zeros, ...tail.map(fromHex)];
  return formatIp6(groups) === text ? groups : undefined;
}

function fromHex(group: string): number {
  return Number.parseInt(group, 16);
}

/** Shortest form: the first of the longest runs of two or more zero groups becomes "::". */
function formatIp6(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  let run = { start: 0, length: 0 };
  for (const [i, group] of groups.entries()) {
    run = group !== 0 ? { start: i + 1, length: 0 } : { start: run.start, length: run.length + 1 };
    if (run.length > best.length) best = run;
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

/** Global unicast is 2000::/3; of it, the blocks that tunnel IPv4 or only document are refused too. */
function isPrivateIp6(groups: readonly number[]): boolean {
  const [first, second] = groups as [number, number];
  if (first >>> 13 !== 1) return true;
  const isTeredoOrDocs = first === 0x2001 && (second < 0x0200 || second === 0x0db8);
  const is6to4 = first === 0x2002;
  const isDocs = first === 0x3fff && second < 0x1000;
  return isTeredoOrDocs || is6to4 || isDocs;
}

function isDnsName(text: string): boolean {
  const labels = text.split(".");
  const labelsOk = labels.every((label) => /^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
  // A name whose last label is a number is an IP address to many resolvers ("127.1", "2130706433").
  return labelsOk && text.length <= 253 && !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!);
}

const PRIVATE_SUFFIXES = ["localhost", "local", "internal", "home.arpa", "lan"];

/** Names that a public resolver does not lead anywhere public. What a public name resolves to is checked by who dials it. */
function isPrivateName(name: string): boolean {
  return !name.includes(".") || PRIVATE_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}
