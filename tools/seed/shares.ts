import type { Random } from './random.ts';

/**
 * Chooses exactly `wanted` of `total` in one pass, each with the same chance (Knuth, The Art of Computer
 * Programming, volume 2, 3.4.2, algorithm S). Call it once for each of the `total`.
 */
export function exactShare(wanted: number, total: number, random: Random): () => boolean {
  let [missing, left] = [wanted, total];
  return () => {
    const chosen = random.fraction() * left < missing;
    left -= 1;
    if (chosen) missing -= 1;
    return chosen;
  };
}
