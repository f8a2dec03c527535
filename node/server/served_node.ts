import type { Application } from "nild/sdk";
import type { Chain } from "../engine/chain.js";
import type { Log } from "../log/log.js";

/** What every server of this node answers from. */
export interface ServedNode {
  readonly chain: Chain;
  readonly app: Pick<Application, "info" | "query">;
  readonly info: NodeInfo;
  readonly log: Log;
}

export interface NodeInfo {
  /** Lower-case hex of the first 20 bytes of SHA-256 of the node key. */
  readonly id: string;
  readonly moniker: string;
  /** CosmJS picks its decoder by the prefix "0.38.". */
  readonly version: string;
  /** Release of this program. */
  readonly appVersion: string;
  /** Where JSON-RPC listens, e.g. "tcp://127.0.0.1:26657". */
  readonly rpcAddress: string;
}
