import { BLOB_PAYLOAD_BYTES } from "nild/nilfs";
import type { Account, Params } from "nild/gen/nil/escrow/v1/types_pb.js";
import { DEC_ONE, MAX_AMOUNT, amount, dec, mulDivDown, mulDivUp, quoDown, quoUp } from "nild/sdk";
import type { EscrowErrors } from "./errors.js";
import type { FeeEnd } from "./api.js";

/*
 * The arithmetic of prices, rent and fees: pure functions of parameters, account and height. Every quotient that the
 * payer pays rounds up, every one that a payee gets rounds down; what lies between stays with the deal or is burned.
 */

const BPS = 10_000n;

/** Started payload blobs of so many bytes: the unit in which storage is charged. */
export function startedBlobs(sizeBytes: bigint): bigint {
  return quoUp(sizeBytes, BigInt(BLOB_PAYLOAD_BYTES));
}

/** ceil(storage_price · blobs · 126,976 · blocks), unil. @throws escrow/7 */
export function storageCost(err: EscrowErrors, params: Params, blobs: bigint, blocks: bigint): bigint {
  return bounded(err, mulDivUp(dec(params.storagePrice), blobs * BigInt(BLOB_PAYLOAD_BYTES) * blocks, DEC_ONE));
}

/** Rent per slot and block that spends `cost` over the rest of the term, in 10^-18 unil, rounded down. */
export function rentRate(cost: bigint, slots: number, blocks: bigint): bigint {
  return mulDivDown(cost, DEC_ONE, BigInt(slots) * blocks);
}

/** The rent accumulator at a height: per slot, in 10^-18 unil; it stops at the deal's end. */
export function accumulatedRent(account: Account, height: bigint): bigint {
  const until = height < account.endHeight ? height : account.endHeight;
  const blocks = until > account.rentHeight ? until - account.rentHeight : 0n;
  return amount(account.rentAcc) + amount(account.rentRate) * blocks;
}

/** Whole unil earned between two values of the accumulator; the remainder stays below `mark` for the next time. */
export function earnedRent(accumulated: bigint, mark: bigint): { readonly whole: bigint; readonly newMark: bigint } {
  const whole = quoDown(accumulated - mark, DEC_ONE);
  return { whole, newMark: mark + whole * DEC_ONE };
}

/** What opening sessions burns and locks. @throws escrow/7, escrow/8 */
export function retrievalPrice(err: EscrowErrors, params: Params, blobs: bigint, sessions: bigint): { readonly base: bigint; readonly locked: bigint } {
  if (blobs < 1n || sessions < 1n || blobs < sessions) throw err.BadBlobCount(`${blobs} blobs in ${sessions} sessions: a session reads at least one`);
  return {
    base: bounded(err, amount(params.baseRetrievalFee) * sessions),
    locked: bounded(err, amount(params.retrievalPricePerBlob) * blobs),
  };
}

/** Splits a locked fee; the three parts always sum to it. */
export function splitFee(params: Params, locked: bigint, end: FeeEnd): { readonly paid: bigint; readonly burned: bigint; readonly returned: bigint } {
  if (end === "unproved") return { paid: 0n, burned: 0n, returned: locked };
  const paid =
    end === "completed"
      ? locked - mulDivUp(locked, BigInt(params.retrievalBurnBps), BPS)
      : mulDivDown(locked, BigInt(params.unconfirmedBps), BPS);
  return { paid, burned: locked - paid, returned: 0n };
}

/** Amounts have 256 bits (bank refuses more). @throws escrow/7 */
export function bounded(err: EscrowErrors, value: bigint): bigint {
  if (value > MAX_AMOUNT) throw err.AmountTooLarge("the amount is over 2^256 - 1: lower the size, the count or the duration");
  return value;
}
