import { create } from "@bufbuild/protobuf";
import type { GenesisStateSchema } from "nild/gen/nil/escrow/v1/genesis_pb.js";
import { type Account, TotalsSchema } from "nild/gen/nil/escrow/v1/types_pb.js";
import { type GenesisHandlers, addressFromString, amount } from "nild/sdk";
import type { EscrowDeps } from "./api.js";
import type { EscrowErrors } from "./errors.js";
import { heldFor, heldInAll } from "./ledger.js";
import { DEFAULT_PARAMS, checkParams } from "./params.js";
import { rentShortfall } from "./invariants.js";
import type { EscrowState } from "./state.js";

const NO_TOTALS = { entered: "0", paid: "0", burned: "0", refunded: "0" };

export function genesisHandlers(state: EscrowState, err: EscrowErrors, { bank }: EscrowDeps): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, accounts: [], marks: [], totals: NO_TOTALS }),

    validate({ params, accounts, marks, totals = create(TotalsSchema, NO_TOTALS) }) {
      checkParams(err, params);
      const byDeal = new Map<bigint, Account>();
      for (const [i, account] of accounts.entries()) {
        checkAccount(err, account, `accounts[${i}]`);
        if (account.dealId <= (accounts[i - 1]?.dealId ?? -1n)) throw err.InvalidGenesis(`accounts[${i}].deal_id: ${account.dealId} is given twice or out of order`);
        byDeal.set(account.dealId, account);
      }
      for (const [i, mark] of marks.entries()) {
        const account = byDeal.get(mark.dealId);
        const before = marks[i - 1];
        const ascends = !before || before.dealId < mark.dealId || (before.dealId === mark.dealId && before.slot < mark.slot);
        if (!account || mark.slot >= account.slots) throw err.InvalidGenesis(`marks[${i}]: deal ${mark.dealId} has no slot ${mark.slot}`);
        if (!ascends) throw err.InvalidGenesis(`marks[${i}]: deal ${mark.dealId}, slot ${mark.slot} is given twice or out of order`);
        amount(mark.rentAcc);
      }
      for (const account of accounts) {
        const shortfall = rentShortfall(account, marks.filter(({ dealId }) => dealId === account.dealId));
        if (shortfall !== undefined) throw err.InvalidGenesis(`accounts: ${shortfall}`);
      }
      const held = accounts.reduce((sum, account) => sum + heldFor(account), 0n);
      if (held !== heldInAll(totals)) throw err.InvalidGenesis(`totals: ${heldInAll(totals)} unil held by the totals, ${held} by the accounts`);
      return undefined;
    },

    init(ctx, { params, accounts, marks, totals = create(TotalsSchema, NO_TOTALS) }) {
      state.params.set(ctx, params!);
      state.totals.set(ctx, totals);
      for (const account of accounts) state.accounts.set(ctx, account.dealId, account);
      for (const mark of marks) state.marks.set(ctx, [mark.dealId, mark.slot], mark);
      const held = heldInAll(totals);
      if (bank.balance(ctx) < held) throw err.InvalidGenesis(`accounts: ${held} unil, but the module account holds ${bank.balance(ctx)}`);
      return undefined;
    },

    export: (ctx) => ({
      params: state.params.get(ctx),
      accounts: [...state.accounts.all(ctx)].map(([, account]) => account),
      marks: [...state.marks.all(ctx)].map(([, mark]) => mark),
      totals: state.totals.get(ctx),
    }),
  };
}

function checkAccount(err: EscrowErrors, account: Account, path: string): undefined {
  addressFromString(account.owner);
  for (const field of ["balance", "rentPool", "locked", "rentRate", "rentAcc", "maxMonthlySpend", "windowSpent", "creationFee"] as const) amount(account[field]);
  if (account.dealId === 0n) throw err.InvalidGenesis(`${path}.deal_id: 0; ids start at 1`);
  if (account.slots > 0 && account.endHeight === 0n) throw err.InvalidGenesis(`${path}.end_height: 0 with ${account.slots} slots`);
}
