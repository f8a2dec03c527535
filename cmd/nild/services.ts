import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { Msg as BankMsg } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { Query as AuthQuery } from "nild/gen/cosmos/auth/v1beta1/query_pb.js";
import { Query as BankQuery } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { Query as ChallengeQuery } from "nild/gen/nil/challenge/v1/query_pb.js";
import { Msg as ChallengeMsg } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { Query as DealQuery } from "nild/gen/nil/deal/v1/query_pb.js";
import { Msg as DealMsg } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Query as EpochQuery } from "nild/gen/nil/epoch/v1/query_pb.js";
import { Msg as EpochMsg } from "nild/gen/nil/epoch/v1/tx_pb.js";
import { Query as EscrowQuery } from "nild/gen/nil/escrow/v1/query_pb.js";
import { Msg as EscrowMsg } from "nild/gen/nil/escrow/v1/tx_pb.js";
import { Query as Mode2Query } from "nild/gen/nil/mode2/v1/query_pb.js";
import { Msg as Mode2Msg } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { Query as ProviderQuery } from "nild/gen/nil/provider/v1/query_pb.js";
import { Msg as ProviderMsg } from "nild/gen/nil/provider/v1/tx_pb.js";
import { Query as RetrievalQuery } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { Msg as RetrievalMsg } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { signer } from "nild/gen/cosmos/msg/v1/msg_pb.js";

/** A module as the command line shows it. */
export interface ModuleServices {
  readonly module: string;
  readonly query: DescService;
  readonly msg?: DescService;
}

export const SERVICES: readonly ModuleServices[] = [
  { module: "auth", query: AuthQuery },
  { module: "bank", query: BankQuery, msg: BankMsg },
  { module: "epoch", query: EpochQuery, msg: EpochMsg },
  { module: "provider", query: ProviderQuery, msg: ProviderMsg },
  { module: "escrow", query: EscrowQuery, msg: EscrowMsg },
  { module: "mode2", query: Mode2Query, msg: Mode2Msg },
  { module: "deal", query: DealQuery, msg: DealMsg },
  { module: "retrieval", query: RetrievalQuery, msg: RetrievalMsg },
  { module: "challenge", query: ChallengeQuery, msg: ChallengeMsg },
];

/** Fields that may be given by position, as people of this ecosystem write them; the rest are flags. */
const POSITIONAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["cosmos.bank.v1beta1.Msg.Send", ["from_address", "to_address", "amount"]],
  ["cosmos.bank.v1beta1.Query.Balance", ["address", "denom"]],
  ["cosmos.bank.v1beta1.Query.AllBalances", ["address"]],
  ["cosmos.bank.v1beta1.Query.SpendableBalances", ["address"]],
  ["cosmos.bank.v1beta1.Query.SupplyOf", ["denom"]],
  ["cosmos.auth.v1beta1.Query.Account", ["address"]],
  ["cosmos.auth.v1beta1.Query.AccountInfo", ["address"]],
  ["nil.epoch.v1.Query.Epoch", ["number"]],
  ["nil.provider.v1.Query.Provider", ["address"]],
  ["nil.escrow.v1.Query.Account", ["deal_id"]],
  ["nil.mode2.v1.Query.Volume", ["deal_id"]],
  ["nil.mode2.v1.Query.Assignments", ["provider"]],
  ["nil.mode2.v1.Query.Readiness", ["deal_id", "slot"]],
  ["nil.deal.v1.Query.Deal", ["id"]],
  ["nil.retrieval.v1.Query.Session", ["session_id"]],
  ["nil.retrieval.v1.Query.Nonce", ["opener"]],
  ["nil.challenge.v1.Query.SlotRecord", ["deal_id", "slot"]],
  ["nil.challenge.v1.Query.Due", ["provider"]],
]);

export function positionalsOf(method: DescMethod): readonly string[] {
  return POSITIONAL.get(`${method.parent.typeName}.${method.name}`) ?? [];
}

/** "ProveSlots" → "prove-slots". */
export const commandNameOf = (method: DescMethod): string => method.name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();

/** The field that names who signs, from the cosmos.msg.v1.signer option. */
export function signerFieldOf(message: DescMessage): string | undefined {
  return hasOption(message, signer) ? getOption(message, signer)[0] : undefined;
}
