/** What e2e scenarios and benches use of the binary's own parts. */
export { createHome, type NewHome } from "./node_home.js";
export { type RunningNode, runNode } from "./run_node.js";
export { BINARY, Child } from "./demo/child.js";
export { type ChainEvent, ChainEvents } from "./demo/chain_events.js";
export { devPlan } from "./dev_genesis.js";
export { createProviderHome } from "./provider_home.js";
export { lazyKzg } from "./kzg.js";
