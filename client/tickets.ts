import { rawSecp256k1PubkeyToRawAddress } from "@cosmjs/amino";
import { fromBase64, toBase64 } from "@cosmjs/encoding";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "nild/nilfs";
import { addressBytes, addressText, hex, parseHex, prefixed, u64 } from "./bytes.js";
import { ClientError } from "./errors.js";
import type { DigestSigner } from "./wallet.js";

/** `upload`: the deal's owner puts objects. `repair`: a slot's candidate reads shards from its peers. */
export type TicketPurpose = "upload" | "repair";

/** For every object of the generation. */
export const ANY_ARTIFACT = "*";

/** What a ticket allows its bearer to do at one provider. */
export interface TicketTerms {
  readonly purpose: TicketPurpose;
  readonly dealId: bigint;
  readonly generation: bigint;
  /** One artifact's name, or `*`. */
  readonly artifact: string;
  /** Address of the provider that it is shown to: another one refuses it. */
  readonly provider: string;
  /** Unix seconds. */
  readonly expires: bigint;
}

export interface Ticket extends TicketTerms {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes R ‖ S over `ticketDigest`. */
  readonly signature: Uint8Array;
}

/**
 * SHA256("nil/ticket/v1" ‖ U16-prefixed chain_id ‖ U16-prefixed purpose ‖ U64 deal ‖ U64 generation ‖ U16-prefixed
 * artifact ‖ provider[20] ‖ U64 expires). Not a transaction's sign bytes, so neither can stand for the other.
 */
export function ticketDigest(chainId: string, terms: TicketTerms): Uint8Array {
  return sha256(
    concatBytes(
      new TextEncoder().encode("nil/ticket/v1"),
      prefixed(chainId),
      prefixed(terms.purpose),
      u64(terms.dealId),
      u64(terms.generation),
      prefixed(terms.artifact),
      addressBytes(terms.provider),
      u64(terms.expires),
    ),
  );
}

/** The value of a Nil-Ticket header. */
export async function signTicket(signer: DigestSigner, chainId: string, terms: TicketTerms): Promise<string> {
  const signature = await signer.signDigest(ticketDigest(chainId, terms));
  const json = JSON.stringify({
    purpose: terms.purpose,
    deal_id: terms.dealId.toString(),
    generation: terms.generation.toString(),
    artifact: terms.artifact,
    provider: terms.provider,
    expires: terms.expires.toString(),
    public_key: hex(signer.publicKey),
    signature: hex(signature),
  });
  return toBase64(new TextEncoder().encode(json));
}

/** Reads a header's form only; who signed it is `ticketSigner`'s. @throws ClientError `bad_ticket`. */
export function parseTicket(header: string): Ticket {
  const fields = parseFields(header);
  const publicKey = parseHex(fields.public_key ?? "", 33);
  const signature = parseHex(fields.signature ?? "", 64);
  const { purpose, artifact, provider } = fields;
  if (publicKey === undefined || signature === undefined) throw badTicket("public_key and signature must be 33 and 64 bytes of hex");
  if (purpose !== "upload" && purpose !== "repair") throw badTicket("purpose must be upload or repair");
  if (artifact === undefined || provider === undefined) throw badTicket("artifact and provider must be given");
  return {
    purpose,
    dealId: parseU64(fields.deal_id),
    generation: parseU64(fields.generation),
    artifact,
    provider,
    expires: parseU64(fields.expires),
    publicKey,
    signature,
  };
}

/** Address of the account whose key signed the ticket for this chain; undefined when the signature does not hold. */
export function ticketSigner(chainId: string, ticket: Ticket): string | undefined {
  try {
    const digest = ticketDigest(chainId, ticket);
    if (!secp256k1.verify(ticket.signature, digest, ticket.publicKey, { prehash: false, lowS: true })) return undefined;
    return addressText(rawSecp256k1PubkeyToRawAddress(ticket.publicKey));
  } catch {
    return undefined; // a malformed point, scalar or address signs nothing
  }
}

const MAX_HEADER = 2048;

function parseFields(header: string): Readonly<Partial<Record<string, string>>> {
  if (header.length > MAX_HEADER) throw badTicket(`${header.length} characters, at most ${MAX_HEADER}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64(header)));
  } catch {
    throw badTicket("it is not base64 of JSON");
  }
  if (typeof value !== "object" || value === null || Object.values(value).some((field) => typeof field !== "string")) {
    throw badTicket("it must be an object of strings");
  }
  return value as Record<string, string>;
}

function parseU64(text: string | undefined): bigint {
  if (text === undefined || !/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) >> 64n !== 0n) throw badTicket("numbers must be decimal and fit 64 bits");
  return BigInt(text);
}

function badTicket(why: string): ClientError {
  return new ClientError("bad_ticket", `ticket: ${why}`, "make tickets with signTicket");
}
