import type { ChainEvent } from "./chain_events.js";

/** Where every unit went that entered escrow; unil. */
export interface Money {
  readonly deposited: bigint;
  /** By address: providers, and the fee collector for the deal's creation. */
  readonly paid: Readonly<Record<string, bigint>>;
  readonly burned: bigint;
  readonly refunded: bigint;
  readonly held: bigint;
  /** Transaction fees. */
  readonly fees: bigint;
  /** deposited − paid − burned − refunded − held. */
  readonly sum: bigint;
}

export interface EscrowTotals {
  readonly entered: string;
  readonly burned: string;
  readonly refunded: string;
  readonly held: string;
}

/** Payments as bank shows them, totals as escrow books them: two accounts of the same money that must agree. */
export function settleAccounts(events: readonly ChainEvent[], escrow: string, owner: string, totals: EscrowTotals): Money {
  const paid: Record<string, bigint> = {};
  for (const { type, attributes } of events) {
    const recipient = attributes.get("recipient");
    if (type !== "transfer" || attributes.get("sender") !== escrow || recipient === undefined || recipient === owner) continue;
    paid[recipient] = (paid[recipient] ?? 0n) + unil(attributes.get("amount"));
  }
  const fees = events.filter(({ type }) => type === "tx").reduce((sum, { attributes }) => sum + (attributes.has("fee") ? unil(attributes.get("fee")) : 0n), 0n);
  const deposited = BigInt(totals.entered);
  const burned = BigInt(totals.burned);
  const refunded = BigInt(totals.refunded);
  const held = BigInt(totals.held);
  const paidInAll = Object.values(paid).reduce((sum, amount) => sum + amount, 0n);
  return { deposited, paid, burned, refunded, held, fees, sum: deposited - paidInAll - burned - refunded - held };
}

/** "100unil" → 100n; "" → 0n. */
function unil(coins: string | undefined): bigint {
  const match = /^([0-9]+)unil$/.exec(coins ?? "");
  return match ? BigInt(match[1]!) : 0n;
}

/** A table for people. */
export function moneyTable(money: Money, names: ReadonlyMap<string, string>): string {
  const rows: [string, bigint][] = [
    ["deposited by the owner", money.deposited],
    ...Object.entries(money.paid).map(([address, amount]): [string, bigint] => [`  paid to ${names.get(address) ?? address}`, -amount]),
    ["  burned", -money.burned],
    ["  refunded to the owner", -money.refunded],
    ["  still held for the deal", -money.held],
    ["left over", money.sum],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const digits = Math.max(...rows.map(([, amount]) => amount.toString().length));
  return [...rows.map(([label, amount]) => `  ${label.padEnd(width)}  ${amount.toString().padStart(digits)} unil`), `  (transaction fees beside it: ${money.fees} unil)`].join("\n");
}
