import type { ErrorSet } from "nild/sdk";

/** Codespace "challenge"; append only. */
export const CHALLENGE_ERRORS = {
  NotFound: 2,
  NotDue: 3,
  EpochOver: 4,
  EpochNotStarted: 5,
  WrongProvider: 6,
  WrongGeneration: 7,
  WrongRoot: 8,
  WrongPositions: 9,
  WrongLeafCount: 10,
  WrongZ: 11,
  AlreadyAnswered: 12,
  DealEnded: 13,
  MalformedProof: 14,
  WrongGroups: 15,
  NoSlots: 16,
  TooManySlots: 17,
  SlotsOutOfOrder: 18,
  InvalidParams: 19,
  InvalidGenesis: 20,
} as const;

export type ChallengeErrors = ErrorSet<typeof CHALLENGE_ERRORS>;
