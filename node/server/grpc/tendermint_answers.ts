import type { ServiceImpl } from "@connectrpc/connect";
import { create, toBinary } from "@bufbuild/protobuf";
import { PubKeySchema } from "nild/gen/cosmos/crypto/ed25519/keys_pb.js";
import type { Service } from "nild/gen/cosmos/base/tendermint/v1beta1/query_pb.js";
import { addressToString } from "nild/sdk";
import type { StoredBlock } from "../../engine/chain.js";
import { NodeError } from "../../errors.js";
import { queryNode } from "../queries.js";
import type { ServedNode } from "../served_node.js";
import type { Guard } from "./services.js";

const VALCONS_PREFIX = "nilvalcons";

/** cosmos.base.tendermint.v1beta1.Service: the node and its blocks. */
export function tendermintAnswers(node: ServedNode, guarded: Guard): ServiceImpl<typeof Service> {
  const { chain, info } = node;
  return {
    getNodeInfo: guarded(node, () => ({
      defaultNodeInfo: {
        protocolVersion: { p2p: 8n, block: 11n, app: 0n },
        defaultNodeId: info.id,
        network: chain.chainId,
        version: info.version,
        moniker: info.moniker,
        other: { txIndex: "on", rpcAddress: info.rpcAddress },
      },
      applicationVersion: { name: "nild", appName: "nild", version: info.appVersion, goVersion: "" },
    })),
    getSyncing: guarded(node, () => ({ syncing: false })),
    getLatestBlock: guarded(node, () => blockAnswer(stored(node, chain.height))),
    getBlockByHeight: guarded(node, ({ height }) => blockAnswer(stored(node, height))),
    getLatestValidatorSet: guarded(node, () => validatorSet(node)),
    getValidatorSetByHeight: guarded(node, ({ height }) => {
      if (height !== chain.height) throw new NodeError("query.invalid", "this node keeps only the latest validator set");
      return validatorSet(node);
    }),
    aBCIQuery: guarded(node, async ({ path, data, height, prove }) => {
      const { proofOps, ...result } = await queryNode(node, { path, data, height, prove });
      return { ...result, ...(proofOps.length === 0 ? {} : { proofOps: { ops: [...proofOps] } }) };
    }),
  };
}

function stored({ chain }: ServedNode, height: bigint): StoredBlock {
  const found = height < chain.base ? undefined : chain.block(height);
  if (found === undefined) throw new NodeError("query.height", `no block ${height}: this node has ${chain.base} to ${chain.height}`);
  return found;
}

function blockAnswer({ id, block }: StoredBlock): object {
  const { $typeName: _, ...header } = block.header!;
  const sdkBlock = { ...block, $typeName: undefined, header: { ...header, proposerAddress: addressToString(header.proposerAddress, VALCONS_PREFIX) } };
  const { $typeName: __, ...plain } = sdkBlock;
  return { blockId: id, block, sdkBlock: plain };
}

function validatorSet({ chain }: ServedNode): object {
  return {
    blockHeight: chain.height,
    validators: chain.validators().map((each) => ({
      address: addressToString(each.address, VALCONS_PREFIX),
      pubKey: { typeUrl: `/${PubKeySchema.typeName}`, value: toBinary(PubKeySchema, create(PubKeySchema, { key: each.pubKey!.sum.value as Uint8Array })) },
      votingPower: each.votingPower,
      proposerPriority: each.proposerPriority,
    })),
  };
}
