import type { Deal } from "nild/gen/nil/deal/v1/types_pb.js";
import type { HookPoint, ReadCtx } from "nild/sdk";
import type { EscrowApi } from "nild/x/escrow";
import type { Mode2Api } from "nild/x/mode2";

/** Fired before anything of the deal is deleted: sessions end, rent is settled, records go. */
export interface DealClosing {
  readonly dealId: bigint;
}

/** What x/deal offers. */
export interface DealApi {
  find(ctx: ReadCtx, dealId: bigint): Deal | undefined;
  /** @throws deal/2 NotFound */
  get(ctx: ReadCtx, dealId: bigint): Deal;
  /** True when the deal's slots are placed and its end has not passed: judged by height, never by a sweep. */
  isLive(ctx: ReadCtx, deal: Deal): boolean;
}

/** What x/deal needs. */
export interface DealDeps {
  readonly mode2: Pick<Mode2Api, "find" | "open" | "place" | "commit" | "close">;
  readonly escrow: Pick<EscrowApi, "find" | "open" | "activate" | "fundRent" | "close">;
  readonly closing: HookPoint<DealClosing>;
}

