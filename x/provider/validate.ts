import type { Msg, MsgRegisterProvider } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Capability } from "nild/gen/nil/provider/v1/types_pb.js";
import { Ed25519PubKey, type MsgValidators, addressFromString, amount, sdkErr } from "nild/sdk";
import { MAX_ENDPOINTS, parseEndpoint } from "./endpoint.js";
import type { ProviderErrors } from "./errors.js";
import { checkParams } from "./params.js";

/** The fields that a provider states of itself. */
export type Claims = Pick<MsgRegisterProvider, "bond" | "capability" | "totalBytes" | "endpoints" | "failureDomain" | "responseKey">;

export function msgValidators(err: ProviderErrors): MsgValidators<typeof Msg> {
  return {
    registerProvider(msg) {
      checkOperator(msg.operator);
      if (amount(msg.bond) === 0n) throw err.BondTooLow("bond: 0 unil");
      checkClaims(err, msg);
      return undefined;
    },
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}

/** Proofs are drawn for 20-byte addresses. @throws sdk/7 */
export function checkOperator(address: string): undefined {
  if (addressFromString(address).length !== 20) throw sdkErr.InvalidAddress(`operator ${address}: a provider's address has 20 bytes`);
}

/** @throws provider/5 to provider/9, sdk/8 */
export function checkClaims(err: ProviderErrors, claims: Claims): undefined {
  const { capability, totalBytes, endpoints, failureDomain } = claims;
  const known = capability === Capability.ARCHIVE || capability === Capability.GENERAL || capability === Capability.EDGE;
  if (!known) throw err.BadCapability(`capability ${capability}: expected ARCHIVE, GENERAL or EDGE`);
  if (totalBytes === 0n) throw err.BadCapacity("total_bytes: 0; a provider needs room");
  if (endpoints.length < 1 || endpoints.length > MAX_ENDPOINTS) throw err.BadEndpoint(`${endpoints.length} endpoints; give 1 to ${MAX_ENDPOINTS}`);
  for (const [i, endpoint] of endpoints.entries()) {
    parseEndpoint(err, endpoint);
    if (endpoints.indexOf(endpoint) !== i) throw err.BadEndpoint(`endpoint "${endpoint}" is given twice`);
  }
  checkDomain(err, "asn", failureDomain?.asn ?? "");
  checkDomain(err, "region", failureDomain?.region ?? "");
  // Its length only: curve arithmetic costs milliseconds, and a message is validated before anyone has paid for it.
  new Ed25519PubKey(claims.responseKey);
}

/** Empty = not claimed. Such providers share one unknown domain. */
function checkDomain(err: ProviderErrors, field: string, value: string): undefined {
  if (!/^[a-zA-Z0-9-]{0,32}$/.test(value)) {
    throw err.BadFailureDomain(`failure_domain.${field} "${value.slice(0, 64)}": at most 32 letters, digits and hyphens`);
  }
}
