import { SdkError, errorSet } from "nild/sdk";
import { parseEndpoint } from "../endpoint.js";
import { PROVIDER_ERRORS } from "../errors.js";

const err = errorSet("provider", PROVIDER_ERRORS);

function isPrivate(text: string): boolean | string {
  try {
    return parseEndpoint(err, text).isPrivate;
  } catch (error) {
    if (error instanceof SdkError) return error.condition;
    throw error;
  }
}

describe("endpoints", () => {
  it.each([
    "/ip4/8.8.8.8/tcp/1/http",
    "/ip4/172.32.0.1/tcp/8190/https",
    "/ip4/100.128.0.1/tcp/80/http",
    "/ip6/2a00:1450:4001:81b::200e/tcp/443/https",
    "/dns/storage.example.com/tcp/65535/https",
    "/dns4/a-b.example.com/tcp/80/http",
    "/dns6/xn--bcher-kva.example/tcp/80/http",
  ])("takes %s as public", (text) => expect(isPrivate(text)).toBe(false));

  it.each([
    "/ip4/127.0.0.1/tcp/80/http",
    "/ip4/0.0.0.0/tcp/80/http",
    "/ip4/10.255.255.255/tcp/80/http",
    "/ip4/172.16.0.1/tcp/80/http",
    "/ip4/172.31.255.255/tcp/80/http",
    "/ip4/192.168.1.1/tcp/80/http",
    "/ip4/169.254.169.254/tcp/80/http",
    "/ip4/100.64.0.1/tcp/80/http",
    "/ip4/224.0.0.1/tcp/80/http",
    "/ip4/255.255.255.255/tcp/80/http",
    "/ip6/::1/tcp/80/http",
    "/ip6/::/tcp/80/http",
    "/ip6/fe80::1/tcp/80/http",
    "/ip6/fd00::1/tcp/80/http",
    "/ip6/ff02::1/tcp/80/http",
    "/ip6/::ffff:7f00:1/tcp/80/http",
    "/ip6/64:ff9b::7f00:1/tcp/80/http",
    "/ip6/2002:7f00:1::/tcp/80/http",
    "/ip6/2001:db8::1/tcp/80/http",
    "/dns/localhost/tcp/80/http",
    "/dns/api.localhost/tcp/80/http",
    "/dns/printer.local/tcp/80/http",
    "/dns/metadata.internal/tcp/80/http",
    "/dns/intranet/tcp/80/http",
  ])("knows %s for private", (text) => expect(isPrivate(text)).toBe(true));

  it.each([
    "",
    "/",
    "http://example.com",
    "/ip4/8.8.8.8",
    "/ip4/8.8.8.8/udp/80/http",
    "/ip4/8.8.8.8/tcp/80",
    "/ip4/8.8.8.8/tcp/80/ftp",
    "/ip4/8.8.8.8/tcp/80/http/",
    "/ip4/8.8.8.8/tcp/80/http/p2p/x",
    " /ip4/8.8.8.8/tcp/80/http",
    "/ip4/8.8.8.8/tcp/0/http",
    "/ip4/8.8.8.8/tcp/080/http",
    "/ip4/8.8.8.8/tcp/65536/http",
    "/ip4/8.8.8/tcp/80/http",
    "/ip4/08.8.8.8/tcp/80/http",
    "/ip4/8.8.8.256/tcp/80/http",
    "/ip4/134744072/tcp/80/http",
    "/ip4/0x8.8.8.8/tcp/80/http",
    "/ip6/2A00::1/tcp/80/http",
    "/ip6/2a00:0:0:0:0:0:0:1/tcp/80/http",
    "/ip6/2a00::0001/tcp/80/http",
    "/ip6/2a00::1::2/tcp/80/http",
    "/ip6/::ffff:127.0.0.1/tcp/80/http",
    "/ip6/2a00:1/tcp/80/http",
    "/dns/Example.com/tcp/80/http",
    "/dns/-a.example.com/tcp/80/http",
    "/dns/a..b/tcp/80/http",
    "/dns/example.com./tcp/80/http",
    "/dns/127.1/tcp/80/http",
    "/dns/2130706433/tcp/80/http",
    "/dns/a.0x7f/tcp/80/http",
    "/dns/ex ample.com/tcp/80/http",
    `/dns/${"a".repeat(64)}.com/tcp/80/http`,
    `/dns/${"a.".repeat(130)}com/tcp/80/http`,
    "/unix/tmp/tcp/80/http",
  ])("refuses %j", (text) => expect(isPrivate(text)).toBe("BadEndpoint"));
});
