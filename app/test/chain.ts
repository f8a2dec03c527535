import { createApp } from "nild/app";
import { type Fixture, type GenesisSections, fixture, testAccount } from "nild/testing";

/** `unil` coins as messages carry them. */
export function unil(amount: bigint | string): { denom: string; amount: string }[] {
  return [{ denom: "unil", amount: amount.toString() }];
}

export function bankSection(balances: Readonly<Record<string, bigint>>): object {
  return {
    params: { default_send_enabled: true },
    balances: Object.entries(balances).map(([name, amount]) => ({ address: testAccount(name).address, coins: unil(amount) })),
  };
}

export function newChain(): Fixture {
  return fixture({ app: ({ db, onUnexpected }) => createApp({ db, onUnexpected }) });
}

/** The whole application at height 1, with funded test accounts. */
export function chain(balances: Readonly<Record<string, bigint>>, sections: GenesisSections = {}): Promise<Fixture> {
  return newChain().genesis({ bank: bankSection(balances), ...sections });
}
