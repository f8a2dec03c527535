import type { ErrorSet } from "nild/sdk";

/** Codespace "retrieval"; append only. */
export const RETRIEVAL_ERRORS = {
  NotFound: 2,
  NotAllowed: 3,
  DealNotFound: 4,
  DealEnded: 5,
  NoContent: 6,
  NoSuchSlot: 7,
  SlotNotActive: 8,
  WrongProvider: 9,
  WrongRoot: 10,
  RangeOutside: 11,
  TooManyBlobs: 12,
  StaleNonce: 13,
  InvalidExpiry: 14,
  SessionExpired: 15,
  SessionEnded: 16,
  AlreadyProved: 17,
  AlreadyConfirmed: 18,
  NotOpener: 19,
  WrongPositions: 20,
  WrongLeafCount: 21,
  WrongZ: 22,
  MalformedProof: 23,
  InvalidRequest: 24,
  SessionsLeft: 25,
  InvalidParams: 26,
  InvalidGenesis: 27,
} as const;

export type RetrievalErrors = ErrorSet<typeof RETRIEVAL_ERRORS>;
