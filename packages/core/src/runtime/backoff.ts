const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * How long to wait before try `tries + 1`: 100 ms, doubled for each earlier try, at most 5 s, of which a random half is
 * left out so that many processes do not come back at one moment. `spread` is from 0 to 1; what shares it comes back together.
 */
export function backoffMs(tries: number, spread = Math.random()): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return whole * (0.5 + spread / 2);
}
