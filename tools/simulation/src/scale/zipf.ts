import type { Random } from '../kernel/seeded.ts';

/** Draws from 1 to `count`, the n-th 1/n times as often as the first (Zipf's law with exponent 1). */
export function zipf(count: number, random: Random): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let n = 1; n <= count; n += 1) sums.push((sum += 1 / n));
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
