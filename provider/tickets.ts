import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { ANY_ARTIFACT, ClientError, parseTicket, ticketSigner, type Ticket, type TicketPurpose } from "nild/client";
import type { ChainView } from "./chain_view.js";
import { HttpError } from "./errors.js";

/** A ticket that lives longer is refused: it would outlive the keys' and the deal's affairs. */
const MAX_TICKET_SECONDS = 86_400n;

/** What a request wants to do. */
export interface Wanted {
  readonly purpose: TicketPurpose;
  readonly dealId: bigint;
  readonly generation: bigint;
  /** Undefined: the generation as a whole. */
  readonly artifact?: string;
}

/** The volume and slot that a valid ticket opens, and who signed it. */
export interface Admission {
  readonly volume: Volume;
  /** This provider's slot. */
  readonly slot: number;
  readonly signer: string;
}

/**
 * Upload: the deal's owner lets this provider take what it is to hold.
 * @throws HttpError `ticket_*`, `bad_ticket`, `deal_not_found`, `not_owner`, `not_assigned`.
 */
export async function admitUpload(view: ChainView, header: string | undefined, wanted: Omit<Wanted, "purpose">): Promise<Admission> {
  const signer = await checkTicket(view, header, { ...wanted, purpose: "upload" });
  const volume = await existing(view, wanted.dealId);
  if (volume.owner !== signer) throw new HttpError("not_owner", `deal ${wanted.dealId} belongs to ${volume.owner}: its key must sign the ticket`);
  return { volume, slot: ownSlot(view, volume), signer };
}

/** Repair read: a slot's candidate rebuilds it from its peers. @throws as `admitUpload`, with `not_candidate`. */
export async function admitRepair(view: ChainView, header: string | undefined, wanted: Omit<Wanted, "purpose">): Promise<Admission> {
  const signer = await checkTicket(view, header, { ...wanted, purpose: "repair" });
  const volume = await existing(view, wanted.dealId);
  if (!volume.slots.some((slot) => slot.candidate === signer)) {
    throw new HttpError("not_candidate", `${signer} is no slot's candidate in deal ${wanted.dealId}: others read through sessions`);
  }
  return { volume, slot: ownSlot(view, volume), signer };
}

/** `generation`: the one that somebody asks for. @throws HttpError `deal_not_found`. */
export async function existing(view: ChainView, dealId: bigint, generation = 0n): Promise<Volume> {
  const volume = await view.volumeAt(dealId, generation);
  if (volume === undefined) throw new HttpError("deal_not_found", `deal ${dealId} does not exist`);
  return volume;
}

function ownSlot(view: ChainView, volume: Volume): number {
  const slot = view.slotOf(volume);
  if (slot === undefined) throw new HttpError("not_assigned", `${view.address} holds no slot of deal ${volume.dealId}`);
  return slot;
}

/** The ticket's signer. What does not depend on the chain is checked first, and the signature before anything is asked of it. */
async function checkTicket(view: ChainView, header: string | undefined, wanted: Wanted): Promise<string> {
  if (header === undefined) throw new HttpError("ticket_missing", "send a Nil-Ticket signed for this provider, deal, generation and object");
  const ticket = parse(header);
  const now = BigInt(Math.floor(Date.now() / 1000));
  if (ticket.expires < now) throw new HttpError("ticket_expired", `it expired at ${ticket.expires}, now is ${now}: sign a new one`);
  if (ticket.expires > now + MAX_TICKET_SECONDS) throw new HttpError("ticket_invalid", `it lives longer than ${MAX_TICKET_SECONDS} seconds`);
  const signer = ticketSigner(await chainId(view), ticket);
  if (signer === undefined) throw new HttpError("ticket_invalid", "its signature does not hold for this chain");
  const mismatch = scopeMismatch(ticket, wanted, view.address);
  if (mismatch !== undefined) throw new HttpError("ticket_scope", `the ticket is for another ${mismatch}`);
  return signer;
}

async function chainId(view: ChainView): Promise<string> {
  try {
    return await view.chain.chainId();
  } catch (error) {
    if (error instanceof ClientError) throw new HttpError("chain_unreachable", "this provider cannot ask the chain now; try again later");
    throw error;
  }
}

function parse(header: string): Ticket {
  try {
    return parseTicket(header);
  } catch (error) {
    if (error instanceof ClientError) throw new HttpError("bad_ticket", error.message);
    throw error;
  }
}

function scopeMismatch(ticket: Ticket, wanted: Wanted, provider: string): string | undefined {
  if (ticket.provider !== provider) return "provider";
  if (ticket.purpose !== wanted.purpose) return "purpose";
  if (ticket.dealId !== wanted.dealId) return "deal";
  if (ticket.generation !== wanted.generation) return "generation";
  return ticket.artifact === ANY_ARTIFACT || ticket.artifact === wanted.artifact ? undefined : "object";
}
