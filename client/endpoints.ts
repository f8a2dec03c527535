import { ClientError } from "./errors.js";

/** The base URL of a provider's http or https multiaddr, e.g. /ip4/127.0.0.1/tcp/8190/http. @throws ClientError `bad_endpoint`. */
export function endpointUrl(multiaddr: string, options: { allowPrivate: boolean }): string {
  const match = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]{1,253})\/tcp\/([1-9][0-9]{0,4})\/(https?)$/.exec(multiaddr);
  if (match === null) throw bad(multiaddr, "expected /ip4|ip6|dns/HOST/tcp/PORT/http or https");
  const [, kind, host, port, scheme] = match as unknown as [string, string, string, string, string];
  if (Number(port) > 65_535) throw bad(multiaddr, "the port is above 65535");
  if (!hostFits(kind, host)) throw bad(multiaddr, `"${host.slice(0, 64)}" is not of kind ${kind}`);
  if (!options.allowPrivate && isPrivate(kind, host)) throw bad(multiaddr, "it points into a private or local network");
  return `${scheme}://${kind === "ip6" ? `[${host}]` : host}:${port}`;
}

/** The first endpoint that this client can use. @throws ClientError `bad_endpoint`. */
export function pickEndpoint(multiaddrs: readonly string[], options: { allowPrivate: boolean }): string {
  let last: unknown = bad("", "the provider has no endpoint");
  for (const multiaddr of multiaddrs) {
    try {
      return endpointUrl(multiaddr, options);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** The multiaddr of an http(s) address. */
export function multiaddrOf(host: string, port: number, scheme: "http" | "https" = "http"): string {
  const kind = /^[0-9.]+$/.test(host) ? "ip4" : host.includes(":") ? "ip6" : "dns";
  return `/${kind}/${host}/tcp/${port}/${scheme}`;
}

function hostFits(kind: string, host: string): boolean {
  if (kind === "ip4") {
    // Four plain decimal parts: forms such as 2130706433 or 0x7f.1 hide where they point.
    const parts = host.split(".");
    return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
  }
  if (kind === "ip6") return /^[0-9a-f:]{2,39}$/.test(host);
  return /^(?=.*[a-z])[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host);
}

function isPrivate(kind: string, host: string): boolean {
  if (kind === "ip6") return host === "::" || host === "::1" || /^(f[cd]|fe[89ab])/.test(host) || host.startsWith("::ffff:");
  if (kind !== "ip4") return host === "localhost" || host.endsWith(".localhost") || host.endsWith(".local") || host.endsWith(".internal");
  const [a = 0, b = 0] = host.split(".").map(Number);
  return a === 0 || a === 10 || a === 127 || a >= 224 || (a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128);
}

function bad(multiaddr: string, why: string): ClientError {
  return new ClientError("bad_endpoint", `endpoint "${multiaddr.slice(0, 120)}": ${why}`, "the provider must register a reachable http or https address");
}
