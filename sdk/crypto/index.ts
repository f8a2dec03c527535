export { sha256 } from "./hash.js";
export { ripemd160 } from "@noble/hashes/legacy.js";
export { BECH32_PREFIX, type Bech32Prefix, addressFromString, addressToString, moduleAddress } from "./address.js";
export { type PubKey, publicKey } from "./keys.js";
export {
  SECP256K1_TYPE_URL,
  Secp256k1PubKey,
  type Secp256k1Verifier,
  isCanonicalSecp256k1Signature,
  secp256k1PublicKey,
  signSecp256k1,
  verifySecp256k1Digest,
} from "./secp256k1.js";
export { ED25519_TYPE_URL, Ed25519PubKey, ed25519PublicKey, signEd25519, verifyEd25519 } from "./ed25519.js";
