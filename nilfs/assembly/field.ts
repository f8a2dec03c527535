// Sums of 256-bit cells times weights, without reduction mod r: the host reduces the wide sums once at the end
// (nilfs/kzg/kernel.ts). Cells are 32 big-endian bytes; weights and sums are 32-bit limbs, lowest first.

/** sums[i] += weight · cell[i]: 4096 sums of 13 limbs (416 bits), weight of 4 limbs (128 bits). */
export function addScaled(cells: usize, weight: usize, sums: usize): void {
  for (let i = 0; i < 4096; i++) {
    for (let w: usize = 0; w < 4; w++) {
      const factor = <u64>load<u32>(weight + (w << 2));
      let limb = sums + (w << 2);
      let carry: u64 = 0;
      for (let c: usize = 0; c < 8; c++) {
        const t = factor * <u64>bswap<u32>(load<u32>(cells + 28 - (c << 2))) + <u64>load<u32>(limb) + carry;
        store<u32>(limb, <u32>t);
        carry = t >> 32;
        limb += 4;
      }
      addCarry(limb, carry);
    }
    cells += 32;
    sums += 52;
  }
}

/** sum += Σ_i weights[i] · cell[i]: one sum of 17 limbs (544 bits), 4096 weights of 8 limbs. */
export function dot(cells: usize, weights: usize, sum: usize): void {
  for (let i = 0; i < 4096; i++) {
    for (let w: usize = 0; w < 8; w++) {
      const factor = <u64>load<u32>(weights + (w << 2));
      let limb = sum + (w << 2);
      let carry: u64 = 0;
      for (let c: usize = 0; c < 8; c++) {
        const t = factor * <u64>bswap<u32>(load<u32>(cells + 28 - (c << 2))) + <u64>load<u32>(limb) + carry;
        store<u32>(limb, <u32>t);
        carry = t >> 32;
        limb += 4;
      }
      addCarry(limb, carry);
    }
    cells += 32;
    weights += 32;
  }
}

// The sum's width leaves room for every carry, so this stops before it leaves the sum.
function addCarry(limb: usize, carry: u64): void {
  while (carry != 0) {
    const t = <u64>load<u32>(limb) + carry;
    store<u32>(limb, <u32>t);
    carry = t >> 32;
    limb += 4;
  }
}
