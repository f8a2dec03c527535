import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { BaseAccountSchema, ModuleAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { PubKeySchema as Ed25519PubKeySchema } from "nild/gen/cosmos/crypto/ed25519/keys_pb.js";
import { PubKeySchema as Secp256k1PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { sdkErr } from "../errors.js";
import { type AnyResolver, type DecodeBudget, StrictDecoder } from "./decode.js";
import { Encoder } from "./encode.js";
import { type MessagePlan, compilePlan, undeclaredAny } from "./plan.js";

/** Interfaces by which an Any field says what it may hold (`cosmos_proto.accepts_interface`). */
export const ROLE = {
  Msg: "cosmos.base.v1beta1.Msg",
  PubKey: "cosmos.crypto.PubKey",
  Account: "cosmos.auth.v1beta1.AccountI",
  Extension: "cosmos.tx.v1beta1.TxExtensionOptionI",
} as const;

export interface DecodeOptions {
  /** Level at which the message stands; 1 = outermost. */
  readonly depth?: number;
  /** Lets unknown fields with bit 11 of their number set pass (TxBody only). */
  readonly allowNonCritical?: boolean;
  /** Shared by all decoding that one input causes. */
  readonly budget?: DecodeBudget;
}

/** The strict codec of one message type. */
export interface MessageCodec<D extends DescMessage> {
  /** Throws sdk/2 unless `bytes` are in canonical form. `bytes` fields of the result are views of the input. */
  decode(bytes: Uint8Array, options?: DecodeOptions): MessageShape<D>;
  /** Canonical bytes. */
  encode(message: MessageShape<D>): Uint8Array;
}

/** The types that an application knows, by role, and their strict codecs. A type URL is "/" and the full name, no other form. */
export class TypeRegistry implements AnyResolver {
  readonly #roles = new Map<string, Map<string, DescMessage>>();
  readonly #plans = new Map<DescMessage, MessagePlan>();
  readonly #encoder = new Encoder();

  /** Registers under an interface name; `accepts_interface` on an Any field names the same. Twice is once. */
  register(role: string, desc: DescMessage): undefined {
    const undeclared = undeclaredAny(this.#plan(desc));
    if (undeclared !== undefined) throw new Error(`${undeclared}: declare what the Any holds with (cosmos_proto.accepts_interface)`);
    let types = this.#roles.get(role);
    if (types === undefined) {
      types = new Map();
      this.#roles.set(role, types);
    }
    types.set(`/${desc.typeName}`, desc);
  }

  registerMsg(desc: DescMessage): undefined {
    this.register(ROLE.Msg, desc);
  }

  registerPubKey(desc: DescMessage): undefined {
    this.register(ROLE.PubKey, desc);
  }

  registerAccount(desc: DescMessage): undefined {
    this.register(ROLE.Account, desc);
  }

  registerExtension(desc: DescMessage): undefined {
    this.register(ROLE.Extension, desc);
  }

  find(role: string, typeUrl: string): DescMessage | undefined {
    return this.#roles.get(role)?.get(typeUrl);
  }

  /** The transaction message that `typeUrl` names. Throws sdk/2 when there is none. */
  msgDesc(typeUrl: string): DescMessage {
    const desc = this.find(ROLE.Msg, typeUrl);
    if (desc === undefined) throw sdkErr.TxDecode(`"${typeUrl.slice(0, 80)}" is not a registered message`);
    return desc;
  }

  /** Codec of any proto3 message, registered or not; compiled once per registry. */
  codec<D extends DescMessage>(desc: D): MessageCodec<D> {
    const plan = this.#plan(desc);
    return {
      decode: (bytes, { depth = 1, allowNonCritical = false, budget = { anys: 0 } } = {}) =>
        new StrictDecoder(bytes, this, this.#encoder, budget).decode(plan, depth, allowNonCritical) as MessageShape<D>,
      encode: (message) => this.#encoder.encode(plan, message),
    };
  }

  /** Decodes what an Any of `role` holds. Throws sdk/2 for a type that is not of that role. */
  unpack(role: string, any: { readonly typeUrl: string; readonly value: Uint8Array }): Message {
    const desc = this.find(role, any.typeUrl);
    if (desc === undefined) throw sdkErr.TxDecode(`"${any.typeUrl.slice(0, 80)}" is not a registered ${role}`);
    return this.codec(desc).decode(any.value);
  }

  /** See AnyResolver. */
  planOf(role: string, typeUrl: string): MessagePlan | undefined {
    const desc = this.find(role, typeUrl);
    return desc && this.#plan(desc);
  }

  #plan(desc: DescMessage): MessagePlan {
    return this.#plans.get(desc) ?? compilePlan(desc, this.#plans);
  }
}

/** A registry that knows the keys and accounts of the standard modules, and no messages yet. */
export function standardRegistry(): TypeRegistry {
  const registry = new TypeRegistry();
  registry.registerPubKey(Secp256k1PubKeySchema);
  registry.registerPubKey(Ed25519PubKeySchema);
  registry.registerAccount(BaseAccountSchema);
  registry.registerAccount(ModuleAccountSchema);
  return registry;
}

/** One-off strict decoding; a hot path keeps `registry.codec(desc)`. */
export function decodeStrict<D extends DescMessage>(desc: D, bytes: Uint8Array, registry = new TypeRegistry(), options: DecodeOptions = {}): MessageShape<D> {
  return registry.codec(desc).decode(bytes, options);
}

/** One-off canonical encoding; a hot path keeps `registry.codec(desc)`. */
export function encode<D extends DescMessage>(desc: D, message: MessageShape<D>, registry = new TypeRegistry()): Uint8Array {
  return registry.codec(desc).encode(message);
}
