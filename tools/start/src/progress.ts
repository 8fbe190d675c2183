/** Lines about what happens, each with the seconds since the start. */
export interface Progress {
  (line: string): void;
  readonly elapsedMs: () => number;
}

export function startProgress(write: (text: string) => void, now: () => number = () => performance.now()): Progress {
  const startedAt = now();
  const elapsedMs = (): number => now() - startedAt;
  const print = (line: string): void => write(`${formatSeconds(elapsedMs()).padStart(8)}  ${line}\n`);
  return Object.assign(print, { elapsedMs });
}

export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
