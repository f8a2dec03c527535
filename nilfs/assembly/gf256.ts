// Bytewise GF(2^8) products by nibble tables: one shuffle per nibble looks up 16 bytes at a time.
// The host writes tables and inputs into this module's memory and reads the output back (nilfs/rs/wasm.ts).

/** out[i] = Σ_c table_c[input_c[i]] for i < length; length is a multiple of 16. Input c starts at inputs + c·stride. */
export function combine(tables: usize, inputs: usize, stride: usize, count: i32, out: usize, length: usize): void {
  const lowMask = i8x16.splat(0x0f);
  for (let at: usize = 0; at < length; at += 16) {
    let sum = i8x16.splat(0);
    let table = tables;
    let input = inputs + at;
    for (let c = 0; c < count; c++) {
      const bytes = v128.load(input);
      const low = v128.and(bytes, lowMask);
      const high = i8x16.shr_u(bytes, 4);
      sum = v128.xor(sum, v128.swizzle(v128.load(table), low));
      sum = v128.xor(sum, v128.swizzle(v128.load(table, 16), high));
      table += 32;
      input += stride;
    }
    v128.store(out + at, sum);
  }
}
