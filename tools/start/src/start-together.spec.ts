import { describe, expect, it } from '@jest/globals';
import { StartError } from './errors.ts';
import type { ServiceProcess } from './service-process.ts';
import { Shutdown } from './shutdown.ts';
import { startTogether, type Part } from './start-together.ts';

describe('startTogether', () => {
  const never = new AbortController().signal;

  function stack(): {
    readonly events: string[];
    readonly shutdown: Shutdown;
    part: (title: string, start?: Part['start']) => Part;
    service: (title: string) => ServiceProcess;
  } {
    const events: string[] = [];
    const service = (title: string): ServiceProcess => ({
      pid: 1,
      failed: new Promise(() => undefined),
      stop: async () => void events.push(`${title} ends`),
    });
    const part = (title: string, start?: Part['start']): Part => ({
      title,
      start: start ?? (async () => service(title)),
      ready: `${title} is ready`,
    });
    return { events, shutdown: new Shutdown(), part, service };
  }

  it('starts all at once, and ends them in the reverse order, whichever was ready first', async () => {
    const { events, shutdown, part, service } = stack();
    let bothStarted = (): void => undefined;
    const both = new Promise<void>((resolve) => (bothStarted = resolve));
    const parts = [
      part('first', async () => {
        await both;
        return service('first');
      }),
      part('second', async () => {
        bothStarted();
        return service('second');
      }),
    ];
    expect(await startTogether(parts, shutdown, (line) => events.push(line), never)).toHaveLength(2);
    expect([...events].sort()).toEqual(['first is ready', 'second is ready']);
    events.length = 0;
    await shutdown.run(() => undefined);
    expect(events).toEqual(['second ends', 'first ends']);
  });

  it('ends the other starts when one fails, and throws what failed first; what is ready is in the shutdown', async () => {
    const { events, shutdown, part } = stack();
    const failure = new StartError('process_failed', 'it broke');
    const parts = [
      part('ready'),
      part(
        'waiting',
        (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ),
      part('broken', () => Promise.reject(failure)),
    ];
    await expect(startTogether(parts, shutdown, () => undefined, never)).rejects.toBe(failure);
    await shutdown.run(() => undefined);
    expect(events).toEqual(['ready ends']);
  });

  it('ends when it is told to', async () => {
    const { shutdown, part } = stack();
    const stopped = new StartError('stopped', 'stopped by SIGINT');
    await expect(startTogether([part('ready')], shutdown, () => undefined, AbortSignal.abort(stopped))).rejects.toBe(
      stopped,
    );
  });
});
