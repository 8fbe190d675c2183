/** A number from 0 up to 1: `Math.random`, or a seeded source where a run must repeat. */
export type Random = () => number;

/** Between half of `ms` and all of it, so that what waits together does not come back together. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.5 + random() / 2);
}
