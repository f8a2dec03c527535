/*
 * Loading of the small WebAssembly kernels that scripts/build_kernel.mjs built. The platform's names are read through a
 * typed view, so that this folder compiles without DOM or Node types (x/ does).
 */

interface Platform {
  readonly atob: (base64: string) => string;
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
}

const platform = globalThis as unknown as Platform;

/** The instance's exports, or undefined where there is no WebAssembly with SIMD (`--jitless`, old engines). */
export function loadKernel<Exports>(base64: string): Exports | undefined {
  const wasm = platform.WebAssembly;
  if (wasm === undefined) return undefined;
  try {
    return new wasm.Instance(new wasm.Module(decodeBase64(base64)), {}).exports as Exports;
  } catch {
    return undefined; // an engine without SIMD refuses to compile; the plain kernel gives the same bytes
  }
}

export function decodeBase64(base64: string): Uint8Array {
  const text = platform.atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
  return out;
}
