// Numbers modulo a prime (or an RSA modulus), and multiples in a group, for public values: nothing here is constant-time.

/** Least non-negative residue. */
export const mod = (a: bigint, n: bigint): bigint => ((a % n) + n) % n;

/** x^e mod n. */
export function power(x: bigint, e: bigint, n: bigint): bigint {
  let y = 1n;
  for (const bit of e.toString(2)) y = bit === "1" ? (((y * y) % n) * x) % n : (y * y) % n;
  return mod(y, n);
}

/** x^-1 mod n; null where there is none. */
export function inverse(x: bigint, n: bigint): bigint | null {
  let [a, b, u, v] = [mod(x, n), n, 1n, 0n];
  while (a) {
    const quotient = b / a;
    [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
  }
  return b === 1n ? mod(v, n) : null;
}

/** k·P for k ≥ 0 in any group with a complete addition: four bits of k at a time. */
export function multipleOf<P extends { add(other: P): P }>(zero: P, point: P, k: bigint): P {
  const table = [zero];
  for (let i = 1; i < 16; i++) table.push(table[i - 1]!.add(point));
  let sum = zero;
  for (const digit of k.toString(16)) {
    for (let i = 0; i < 4; i++) sum = sum.add(sum);
    sum = sum.add(table[parseInt(digit, 16)]!);
  }
  return sum;
}
