import type { Clock } from '@mooring/session-store';

/** Waits by the given clock, or until one of the signals aborts. */
export function pause(clock: Clock, ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const given = signals.filter((signal) => signal !== undefined);
    const end = (): void => {
      cancel();
      for (const signal of given) signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    for (const signal of given) signal.addEventListener('abort', end, { once: true });
    if (given.some(({ aborted }) => aborted)) end();
  });
}
