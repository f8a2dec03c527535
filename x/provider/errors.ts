import type { ErrorSet } from "nild/sdk";

/** Codespace "provider"; append only. */
export const PROVIDER_ERRORS = {
  NotFound: 2,
  AlreadyRegistered: 3,
  BondTooLow: 4,
  BadCapability: 5,
  BadCapacity: 6,
  BadEndpoint: 7,
  PrivateEndpoint: 8,
  BadFailureDomain: 9,
  InvalidParams: 10,
  InvalidGenesis: 11,
} as const;

export type ProviderErrors = ErrorSet<typeof PROVIDER_ERRORS>;
