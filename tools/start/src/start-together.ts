import type { ServiceProcess } from './service-process.ts';
import type { Shutdown } from './shutdown.ts';

export interface Part {
  readonly title: string;
  /** @param signal ends a start that is under way; nothing runs then */
  readonly start: (signal: AbortSignal) => Promise<ServiceProcess>;
  /** The line about it when it is ready. */
  readonly ready: string;
}

/**
 * Starts parts that need each other only later, at once. They are added to `shutdown` in the order given, whichever is
 * ready first. When one fails, the starts of the others are ended.
 * @throws what failed first, once no start is under way any more
 */
export async function startTogether(
  parts: readonly Part[],
  shutdown: Shutdown,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly ServiceProcess[]> {
  const failing = new AbortController();
  const together = AbortSignal.any([signal, failing.signal]);
  const starts = parts.map(async ({ start, ready }) => {
    try {
      const service = await start(together);
      report(ready);
      return service;
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  });
  const services: ServiceProcess[] = [];
  for (const [index, settled] of (await Promise.allSettled(starts)).entries()) {
    if (settled.status === 'rejected') continue;
    services.push(settled.value);
    shutdown.add((parts[index] as Part).title, () => settled.value.stop());
  }
  together.throwIfAborted();
  return services;
}
