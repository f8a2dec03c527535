import fc from "fast-check";
import { ed25519 } from "@noble/curves/ed25519.js";
import { SigningStargateClient } from "@cosmjs/stargate";
import { BLOB_BYTES, BLOB_PAYLOAD_BYTES, leavesOf, rowsOf } from "nild/nilfs";
import {
  addressBytes,
  decodeSignedBlobs,
  digestOf,
  encodeSignedBlobs,
  endpointUrl,
  isSignedBy,
  messageTypes,
  multiaddrOf,
  nildRegistry,
  packBlobs,
  parseTicket,
  signTicket,
  ticketDigest,
  ticketSigner,
  unpackBlobs,
  Wallet,
  type SignedResponse,
  type TicketTerms,
} from "nild/client";
import { planWindows, rowAt, runOf } from "../plan.js";
import { codeOf } from "./codes.js";

const KEY = new Uint8Array(32).fill(5);

describe("tickets", () => {
  const terms: TicketTerms = { purpose: "upload", dealId: 1n, generation: 2n, artifact: "mdu_0.bin", provider: "nil19rl4cm2hmr8afy4kldpxz3fka4jguq0arnv3e0", expires: 1_700_000_000n };

  test("say what they say and who signed", async () => {
    const wallet = await Wallet.fromPrivateKey(KEY);
    const ticket = parseTicket(await signTicket(wallet, "nild-test-1", terms));
    expect(ticket).toMatchObject(terms);
    expect(ticketSigner("nild-test-1", ticket)).toBe(wallet.address);
    expect(ticketSigner("nild-test-2", ticket)).toBeUndefined();
  });

  test.each<[string, Partial<TicketTerms>]>([
    ["purpose", { purpose: "repair" }],
    ["deal", { dealId: 2n }],
    ["generation", { generation: 3n }],
    ["object", { artifact: "*" }],
    ["expiry", { expires: 1n }],
  ])("every field counts: %s", (_, change) => {
    expect(ticketDigest("a-1", { ...terms, ...change })).not.toEqual(ticketDigest("a-1", terms));
  });

  test("fields that run into each other do not", () => {
    const swapped = { ...terms, artifact: "b" };
    expect(ticketDigest("aupload", swapped)).not.toEqual(ticketDigest("a", { ...swapped, artifact: "b" }));
  });
});

describe("endpoints", () => {
  test.each([
    ["/ip4/93.184.216.34/tcp/80/http", "http://93.184.216.34:80"],
    ["/dns/store.example.org/tcp/443/https", "https://store.example.org:443"],
    ["/ip6/2606:4700::1111/tcp/8190/http", "http://[2606:4700::1111]:8190"],
  ])("%s is %s", (multiaddr, url) => {
    expect(endpointUrl(multiaddr, { allowPrivate: false })).toBe(url);
  });

  test.each([
    "/ip4/127.0.0.1/tcp/80/http",
    "/ip4/10.1.2.3/tcp/80/http",
    "/ip4/169.254.169.254/tcp/80/http",
    "/ip4/172.31.0.1/tcp/80/http",
    "/ip4/192.168.1.1/tcp/80/http",
    "/ip4/0.0.0.0/tcp/80/http",
    "/ip6/::1/tcp/80/http",
    "/ip6/fe80::1/tcp/80/http",
    "/ip6/::ffff:127.0.0.1/tcp/80/http",
    "/dns/localhost/tcp/80/http",
    "/dns/db.internal/tcp/80/http",
  ])("%s leads into a private network", async (multiaddr) => {
    expect(await codeOf(async () => endpointUrl(multiaddr, { allowPrivate: false }))).toBe("bad_endpoint");
  });

  test.each([
    "/ip4/2130706433/tcp/80/http",
    "/ip4/0x7f.0.0.1/tcp/80/http",
    "/ip4/127.1/tcp/80/http",
    "/ip4/010.0.0.1/tcp/80/http",
    "/ip4/1.2.3.256/tcp/80/http",
    "/ip4/1.2.3.4/tcp/0/http",
    "/ip4/1.2.3.4/tcp/65536/http",
    "/ip4/1.2.3.4/udp/80/http",
    "/ip4/1.2.3.4/tcp/80/ftp",
    "/ip4/1.2.3.4/tcp/80/http/evil",
    "/dns/a@b/tcp/80/http",
    "/dns/2130706433/tcp/80/http",
    "http://1.2.3.4",
    "",
  ])("%s is no endpoint, private or not", async (multiaddr) => {
    expect(await codeOf(async () => endpointUrl(multiaddr, { allowPrivate: true }))).toBe("bad_endpoint");
  });

  test("a listening address is its own multiaddr", () => {
    expect(endpointUrl(multiaddrOf("127.0.0.1", 8190), { allowPrivate: true })).toBe("http://127.0.0.1:8190");
    expect(endpointUrl(multiaddrOf("::1", 8190), { allowPrivate: true })).toBe("http://[::1]:8190");
    expect(endpointUrl(multiaddrOf("host.example", 1), { allowPrivate: true })).toBe("http://host.example:1");
  });
});

test("an address of another chain, length or checksum is refused", async () => {
  for (const text of ["cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4", "nil19rl4cm2hmr8afy4kldpxz3fka4jguq0arnv3e1", "nil1qqqsyrhqy2a", "", "NIL19RL4CM2HMR8AFY4KLDPXZ3FKA4JGUQ0ARNV3E"]) {
    expect(await codeOf(async () => addressBytes(text))).toBe("bad_key");
  }
});

describe("bodies without zero blobs", () => {
  const object = (filled: readonly boolean[]): Uint8Array => {
    const bytes = new Uint8Array(filled.length * BLOB_BYTES);
    filled.forEach((is, i) => is && (bytes[(i + 1) * BLOB_BYTES - 1] = i + 1));
    return bytes;
  };

  test("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), (filled) => {
        const { mask, body } = packBlobs(object(filled));
        expect(body.length).toBe(filled.filter(Boolean).length * BLOB_BYTES);
        expect(Buffer.from(unpackBlobs(mask, body, filled.length)!).equals(object(filled))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ["a mask of another length", "10", BLOB_BYTES, 3],
    ["other digits", "1x0", BLOB_BYTES, 3],
    ["fewer bytes than marked", "110", BLOB_BYTES, 3],
    ["more bytes than marked", "100", 2 * BLOB_BYTES, 3],
    ["part of a blob", "100", BLOB_BYTES - 1, 3],
  ])("%s does not fit", (_, mask, length, blobs) => {
    expect(unpackBlobs(mask, new Uint8Array(length), blobs)).toBeUndefined();
  });
});

describe("signed blobs", () => {
  const terms = { chainId: "a-1", sessionId: new Uint8Array(32).fill(1), dealId: 3n, generation: 4n, manifestRoot: new Uint8Array(48).fill(2) };
  const blob = new Uint8Array(BLOB_BYTES).fill(9);
  const unsigned: Omit<SignedResponse, "signature" | "blobHash"> = {
    ...terms,
    ...{ mduIndex: 2, mduRoot: new Uint8Array(32).fill(3), manifestOpening: new Uint8Array(48).fill(4), leafIndex: 5, leafCount: 96 },
    ...{ commitment: new Uint8Array(48).fill(5), merklePath: [new Uint8Array(32).fill(6), new Uint8Array(32).fill(7)] },
  };

  function signedItem(): { response: SignedResponse; blob: Uint8Array } {
    const [decoded] = decodeSignedBlobs(encodeSignedBlobs([{ response: { ...unsigned, blobHash: new Uint8Array(32), signature: new Uint8Array(64) }, blob }]), terms, 1);
    return { blob, response: { ...decoded!.response, signature: ed25519.sign(digestOf(decoded!.response), KEY) } };
  }

  test("carry hops and a signature over the very bytes that came", () => {
    const publicKey = ed25519.getPublicKey(KEY);
    const bytes = encodeSignedBlobs([signedItem()]);
    expect(isSignedBy(decodeSignedBlobs(bytes, terms, 1)[0]!.response, publicKey)).toBe(true);
    bytes[bytes.length - 1]! ^= 1;
    expect(isSignedBy(decodeSignedBlobs(bytes, terms, 1)[0]!.response, publicKey)).toBe(false);
    expect(isSignedBy(decodeSignedBlobs(encodeSignedBlobs([signedItem()]), { ...terms, dealId: 4n }, 1)[0]!.response, publicKey)).toBe(false);
    expect(isSignedBy(signedItem().response, new Uint8Array(32))).toBe(false);
  });

  const withHeader = (change: (header: { mask: string; mdus: unknown[]; blobs: Record<string, unknown>[] }) => unknown): Uint8Array => {
    const bytes = Buffer.from(encodeSignedBlobs([signedItem()]));
    const length = bytes.readUInt32BE(0);
    const header = JSON.parse(bytes.subarray(4, 4 + length).toString()) as { mask: string; mdus: unknown[]; blobs: Record<string, unknown>[] };
    const changed = Buffer.from(JSON.stringify(change(header)));
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(changed.length);
    return Buffer.concat([prefix, changed, bytes.subarray(4 + length)]);
  };

  test.each<[string, () => Uint8Array]>([
    ["an empty body", () => new Uint8Array(0)],
    ["a length beyond the body", () => Uint8Array.of(0, 0, 255, 0, 1)],
    ["a huge length", () => Uint8Array.of(255, 255, 255, 255)],
    ["a header that is no JSON", () => Uint8Array.of(0, 0, 0, 1, 123)],
    ["null", () => withHeader(() => null)],
    ["another number of blobs", () => withHeader((header) => ({ ...header, blobs: [] }))],
    ["a wrong mask", () => withHeader((header) => ({ ...header, mask: "0" }))],
    ["no first hop", () => withHeader((header) => ({ ...header, mdus: [] }))],
    ["an index that is no count", () => withHeader((header) => ({ ...header, blobs: [{ ...header.blobs[0], leaf: -1 }] }))],
    ["a short commitment", () => withHeader((header) => ({ ...header, blobs: [{ ...header.blobs[0], commitment: "00" }] }))],
    ["an endless path", () => withHeader((header) => ({ ...header, blobs: [{ ...header.blobs[0], path: Array(99).fill("00".repeat(32)) }] }))],
  ])("%s is refused", async (_, make) => {
    expect(await codeOf(async () => decodeSignedBlobs(make(), terms, 1))).toBe("bad_response");
  });
});

describe("the read plan", () => {
  const profiles = [{ k: 1, m: 1 }, { k: 2, m: 2 }, { k: 8, m: 4 }, { k: 16, m: 4 }, { k: 64, m: 1 }];

  test("windows cover exactly the rows of the bytes, within the session's limit, and name every data slot of them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...profiles),
        fc.nat(40_000_000),
        fc.nat(20_000_000),
        fc.nat(20_000_000),
        fc.integer({ min: 1, max: 300 }),
        (profile, startOffset, from, length, maxBlobs) => {
          const file = { path: "a", startOffset, length: from + length, timestamp: 0n, flags: 0 };
          const windows = planWindows(profile, file, from, from + length, maxBlobs);
          if (length === 0) return expect(windows).toEqual([]);
          const first = Math.floor((startOffset + from) / BLOB_PAYLOAD_BYTES);
          const last = Math.floor((startOffset + from + length - 1) / BLOB_PAYLOAD_BYTES);
          expect(windows[0]!.firstRow).toBe(Math.floor(first / profile.k));
          expect(windows.at(-1)!.endRow).toBe(Math.floor(last / profile.k) + 1);
          windows.forEach(({ firstRow, endRow, slots }, i) => {
            if (i > 0) expect(firstRow).toBe(windows[i - 1]!.endRow);
            expect(endRow - firstRow).toBeLessThanOrEqual(Math.min(128, maxBlobs));
            const needed = new Set<number>();
            for (let blob = Math.max(first, firstRow * profile.k); blob <= Math.min(last, endRow * profile.k - 1); blob++) needed.add(blob % profile.k);
            expect(slots).toEqual([...needed].sort((a, b) => a - b));
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a window is a run of the slot from its row in its MDU", () => {
    for (const profile of profiles) {
      const rows = rowsOf(profile);
      const run = runOf(profile, 2, { firstRow: 3 * rows + rows - 1, endRow: 5 * rows, slots: [0] });
      expect(run).toEqual({ startMdu: 6, startRow: rows - 1, blobs: rows + 1 });
      expect(rowAt(profile, 2, 6, leavesOf(profile) - 1)).toBe(4 * rows - 1);
    }
  });
});

describe("CosmJS registry", () => {
  test("knows every message of the storage modules and of bank", () => {
    const urls = messageTypes().map(([url]) => url);
    expect(urls).toEqual(expect.arrayContaining(["/cosmos.bank.v1beta1.MsgSend", "/nil.deal.v1.MsgCreateDeal", "/nil.retrieval.v1.MsgOpenSession", "/nil.challenge.v1.MsgProveSlots"]));
    expect(urls.some((url) => /Response$/.test(url))).toBe(false);
    expect(new Set(urls).size).toBe(urls.length);
  });

  test("a stock signing client signs our message offline", async () => {
    const wallet = await Wallet.fromPrivateKey(KEY);
    const client = await SigningStargateClient.offline(wallet, { registry: nildRegistry() });
    const value = { owner: wallet.address, durationBlocks: 5n, profile: { k: 8, m: 4, code: 1 }, serviceHint: "Hot", initialEscrow: "1", maxMonthlySpend: "0", maxUserMdus: 1n, publicRead: false };
    const signed = await client.sign(wallet.address, [{ typeUrl: "/nil.deal.v1.MsgCreateDeal", value }], { amount: [], gas: "1" }, "", { accountNumber: 1, sequence: 0, chainId: "a-1" });
    expect(signed.signatures[0]!.length).toBe(64);
    expect(nildRegistry().decodeTxBody(signed.bodyBytes).messages[0]).toMatchObject(value);
  });
});
