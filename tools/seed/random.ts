import { createHash } from 'node:crypto';

/** A source of random values that are the same for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  bytes(count: number): Uint8Array;
}

/** Makes a source by sfc32, a small generator of Chris Doty-Humphrey's PractRand, seeded with a digest of `text`. */
export function seededRandom(text: string): Random {
  const digest = createHash('sha256').update(text).digest();
  let [a, b, c, counter] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  const fraction = () => next() / 2 ** 32;
  const below = (bound: number) => Math.floor(fraction() * bound);
  return {
    fraction,
    below,
    pick: (from) => from[below(from.length)] ?? from[0],
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}

/**
 * Chooses exactly `wanted` of `total` in one pass, each with the same probability (Knuth, The Art of Computer
 * Programming, volume 2, 3.4.2, algorithm S). Call the returned function once for each of the `total`.
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
