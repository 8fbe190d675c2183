const SMALL = 20_000;
const FACTOR = 8;
/** Eight times the text may take up to so many times as long: the square would be 64. */
const MOST = 24;
/** Below that nothing can be said. */
const LEAST_MS = 400;

function costMs(read: (input: string) => unknown, text: string): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = process.cpuUsage();
    try {
      read(text);
    } catch {
      // A refusal takes time as well.
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Reads an input repeated to two sizes, and says what is out of proportion, in the processor's time. */
export function growthOf(read: (input: string) => unknown, input: string): string | undefined {
  if (input === '') return undefined;
  const small = input.repeat(Math.ceil(SMALL / input.length)).slice(0, SMALL);
  const large = small.repeat(FACTOR);
  const [one, many] = [costMs(read, small), costMs(read, large)];
  if (many < LEAST_MS || many <= MOST * one) return undefined;
  return `${large.length} characters take ${Math.round(many)} ms, an eighth of them ${Math.round(one)} ms`;
}
