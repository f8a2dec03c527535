import type { Invariant } from "nild/sdk";
import type { AuthState } from "./state.js";

export function authInvariants(state: AuthState): Record<string, Invariant> {
  return {
    account_numbers(ctx) {
      const next = state.nextNumber.peek(ctx);
      const seen = new Map<bigint, string>();
      for (const [address, account] of state.accounts.all(ctx)) {
        if (account.address !== address) return `account at ${address} says that it is ${account.address}`;
        const other = seen.get(account.accountNumber);
        if (other !== undefined) return `${address} and ${other} share account number ${account.accountNumber}`;
        if (account.accountNumber === 0n || account.accountNumber >= next) return `${address} has number ${account.accountNumber}, next is ${next}`;
        seen.set(account.accountNumber, address);
      }
      return undefined;
    },
  };
}
