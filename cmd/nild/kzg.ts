import { type Kzg } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { portableKzg } from "nild/nilfs/portable";

/** The native back end, or the portable one where its binary does not load; `onFallback` hears why. */
export async function loadKzg(onFallback: (reason: string) => void = () => undefined): Promise<Kzg> {
  try {
    return await nativeKzg();
  } catch (error) {
    onFallback(`the native KZG library does not load (${error instanceof Error ? error.message : String(error)}); using the portable one, about 20 times slower`);
    return portableKzg();
  }
}

/** Loads at the first call, once. */
export function lazyKzg(onFallback?: (reason: string) => void): () => Promise<Kzg> {
  let loading: Promise<Kzg> | undefined;
  return () => (loading ??= loadKzg(onFallback));
}
