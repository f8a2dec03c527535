import { StoreError } from "./errors.js";
import type { Node } from "./iavl/node.js";
import { writeHashPrefix } from "./iavl/record.js";
import type { Tree } from "./iavl/tree.js";
import { type ByteString, unpack, pack } from "./byte_string.js";
import { type SimpleStep, type StoreRoot, simplePath } from "./simple_tree.js";
import { ByteWriter } from "./wire.js";

/*
 * cosmos.ics23.v1.CommitmentProof for both layers: the specs `iavl` and `tendermint` that stock verifiers know.
 * Messages: CommitmentProof { exist = 1, nonexist = 2 }, ExistenceProof { key, value, leaf, path },
 * NonExistenceProof { key, left, right }, LeafOp { hash, prehash_key, prehash_value, length, prefix },
 * InnerOp { hash, prefix, suffix }.
 */
const SHA256 = 1;
const VAR_PROTO = 1;
const CHILD_BYTES = 32;

interface Step {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** The first layer: that `key` has a value in this tree, or that it has none. */
export function proveKey(tree: Tree, rawKey: Uint8Array): { value?: Uint8Array; data: Uint8Array } {
  const key = pack(rawKey);
  const value = tree.get(key);
  if (value !== undefined) return { value: unpack(value), data: field(1, existence(tree, key)) };
  const left = firstKey(tree, { start: undefined, end: key, reverse: true });
  const right = firstKey(tree, { start: key, end: undefined, reverse: false });
  if (left === undefined && right === undefined) {
    throw new StoreError("unprovable", "absence from an empty store has no ICS-23 proof: there is no neighbour to show");
  }
  const proof = message(
    field(1, rawKey),
    left === undefined ? EMPTY : field(2, existence(tree, left)),
    right === undefined ? EMPTY : field(3, existence(tree, right)),
  );
  return { data: field(2, proof) };
}

/** The second layer: that the store at `index` has its root under the app hash. `roots` sorted by name. */
export function proveStore(roots: readonly StoreRoot[], index: number): Uint8Array {
  const { name, rootHash } = roots[index]!;
  const steps = simplePath(roots, index).map(latin1Step);
  return field(1, existenceProof(unpack(name), unpack(rootHash), Uint8Array.of(0), steps));
}

function existence(tree: Tree, key: ByteString): Uint8Array {
  const steps: Step[] = [];
  let node = tree.use(tree.root!);
  while (node.height > 0) {
    const goLeft = key < node.key;
    steps.push(innerStep(hashPrefix(node), node, goLeft));
    node = tree.use(goLeft ? node.left! : node.right!);
  }
  return existenceProof(unpack(node.key), unpack(node.value!), hashPrefix(node), steps.reverse());
}

function hashPrefix(node: Node): Uint8Array {
  const out = new ByteWriter(24);
  writeHashPrefix(out, node);
  return out.copy();
}

/** An inner node hashes prefix ‖ 32 ‖ left ‖ 32 ‖ right; the step holds all but the child that the path comes from. */
function innerStep(prefix: Uint8Array, node: Node, fromLeft: boolean): Step {
  if (fromLeft) {
    return { prefix: message(prefix, LENGTH), suffix: message(LENGTH, unpack(node.right!.hash)) };
  }
  return { prefix: message(prefix, LENGTH, unpack(node.left!.hash), LENGTH), suffix: EMPTY };
}

function latin1Step(step: SimpleStep): Step {
  return { prefix: unpack(step.prefix), suffix: unpack(step.suffix) };
}

function firstKey(tree: Tree, range: { start: ByteString | undefined; end: ByteString | undefined; reverse: boolean }): ByteString | undefined {
  for (const leaf of tree.scan(range)) return leaf.key;
  return undefined;
}

function existenceProof(key: Uint8Array, value: Uint8Array, leafPrefix: Uint8Array, steps: readonly Step[]): Uint8Array {
  const leaf = message(enumField(1, SHA256), enumField(3, SHA256), enumField(4, VAR_PROTO), field(5, leafPrefix));
  const path = steps.map(({ prefix, suffix }) =>
    field(4, message(enumField(1, SHA256), field(2, prefix), suffix.length === 0 ? EMPTY : field(3, suffix))),
  );
  return message(field(1, key), field(2, value), field(3, leaf), ...path);
}

const EMPTY = new Uint8Array(0);
const LENGTH = Uint8Array.of(CHILD_BYTES);

/** A length-delimited field. */
function field(number: number, content: Uint8Array): Uint8Array {
  const out = new ByteWriter(content.length + 8);
  out.u8((number << 3) | 2);
  out.varint(content.length);
  out.bytes(content);
  return out.copy();
}

function enumField(number: number, value: number): Uint8Array {
  return Uint8Array.of(number << 3, value);
}

function message(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) out.bytes(part);
  return out.copy();
}
