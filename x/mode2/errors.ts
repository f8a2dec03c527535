import type { ErrorSet } from "nild/sdk";

/** Codespace "mode2"; append only. */
export const MODE2_ERRORS = {
  NotFound: 2,
  BadProfile: 3,
  BadMaxUserMdus: 4,
  NotEnoughProviders: 5,
  AlreadyOpen: 6,
  BadHint: 7,
  NotPlaced: 8,
  Ended: 9,
  StaleGeneration: 10,
  SameRoot: 11,
  SlotsRepairing: 12,
  BadSize: 13,
  BadAck: 14,
  TooFewAcks: 15,
  NotCandidate: 16,
  WrongGeneration: 17,
  WrongEpoch: 18,
  WrongZ: 19,
  WrongRoot: 20,
  WrongPositions: 21,
  WrongLeafCount: 22,
  MalformedProof: 23,
  NoCapacity: 24,
  CandidacyOver: 25,
  InvalidParams: 26,
  InvalidGenesis: 27,
} as const;

export type Mode2Errors = ErrorSet<typeof MODE2_ERRORS>;
