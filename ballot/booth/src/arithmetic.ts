// Numbers modulo a prime (or an RSA modulus), and multiples in a group, for public values: nothing here is constant-time.

/** Least non-negative residue. */
export const mod = (a: bigint, n: bigint): bigint => ((a % n) + n) % n;

/** x joined k times with itself, for k ≥ 0 in any group: four bits of k at a time. `join` has no special case. */
function repeated<T>(unit: T, x: T, k: bigint, join: (a: T, b: T) => T): T {
  const table = [unit];
  for (let i = 1; i < 16; i++) table.push(join(table[i - 1]!, x));
  let result = unit;
  for (const digit of k.toString(16)) {
    for (let i = 0; i < 4; i++) result = join(result, result);
    result = join(result, table[parseInt(digit, 16)]!);
  }
  return result;
}

/** x^e mod n. */
export const power = (x: bigint, e: bigint, n: bigint): bigint => mod(repeated(1n, x, e, (a, b) => (a * b) % n), n);

/** k·P in a group with a complete addition. */
export const multipleOf = <P extends { add(other: P): P }>(zero: P, point: P, k: bigint): P => repeated(zero, point, k, (a, b) => a.add(b));

/** x^-1 mod n; null where there is none. */
export function inverse(x: bigint, n: bigint): bigint | null {
  let [a, b, u, v] = [mod(x, n), n, 1n, 0n];
  while (a) {
    const quotient = b / a;
    [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
  }
  return b === 1n ? mod(v, n) : null;
}
