import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import { SessionEndsTimer } from './session-ends-timer.ts';

describe('SessionEndsTimer', () => {
  it('makes up for what failed, goes on after a failure, and ends when the service does', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'x',
      fields: ['users'],
      destination: { write: (line) => void lines.push(line) },
    });
    const asked: number[] = [];
    let ask: (() => void) | undefined;
    const third = new Promise<void>((resolve) => (ask = resolve));
    const finish = async (olderThanMs: number): Promise<number> => {
      asked.push(olderThanMs);
      if (asked.length === 3) ask?.();
      const message = 'the store is away';
      if (asked.length === 1) throw new StoreError({ code: 'timeout', message, backend: 'x', operation: 'y' });
      return asked.length === 2 ? 4 : 0;
    };
    const timer = new SessionEndsTimer({ finish }, logger, { everyMs: 1, olderThanMs: 7 });
    timer.onApplicationBootstrap();
    await third;
    await timer.onModuleDestroy();
    const count = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toEqual(Array.from({ length: count }, () => 7));
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'warn', code: 'timeout' },
      { level: 'info', users: 4 },
    ]);
  });
});
