import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import type { HeldSession } from './held-session.ts';
import { WaitingLine } from './waiting-line.ts';

const session = (name: string): HeldSession => ({ name }) as unknown as HeldSession;
const wait = { overflow: 'wait', waitTimeoutMs: 1_000 } as const;

describe('WaitingLine', () => {
  it('serves who came first', async () => {
    const line = new WaitingLine(new ManualClock(), 10);
    const turns = [line.join(wait), line.join(wait)];
    const [first, second] = [session('a'), session('b')];
    expect([line.serve(first), line.serve(second), line.serve(first)]).toEqual([true, true, false]);
    expect(await Promise.all(turns)).toEqual([first, second]);
  });

  it('lets nobody wait longer than they asked to', async () => {
    const clock = new ManualClock();
    const line = new WaitingLine(clock, 10);
    const turn = line.join(wait);
    const refused = expect(turn).rejects.toMatchObject({ code: 'pool_exhausted', retryAfterMs: 1_000 });
    await clock.advance(1_000);
    await refused;
    expect(line.length).toBe(0);
  });

  it('is bounded', async () => {
    const line = new WaitingLine(new ManualClock(), 1);
    void line.join(wait);
    await expect(line.join(wait)).rejects.toMatchObject({ code: 'pool_exhausted' });
  });

  it('forgets who left', async () => {
    const clock = new ManualClock();
    const line = new WaitingLine(clock, 10);
    const gone = new AbortController();
    const left = line.join({ ...wait, signal: gone.signal });
    const stayed = line.join(wait);
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    line.serve(session('a'));
    expect(await stayed).toEqual(session('a'));
    expect(clock.pending).toBe(0);
  });

  it('sends away those that would not wait, and keeps the others', async () => {
    const line = new WaitingLine(new ManualClock(), 10);
    const ephemeral = line.join({ ...wait, overflow: 'ephemeral' });
    const rejecting = line.join({ ...wait, overflow: 'reject' });
    void line.join(wait);
    line.full();
    expect(await ephemeral).toBeNull();
    await expect(rejecting).rejects.toMatchObject({ code: 'pool_exhausted' });
    expect(line.length).toBe(1);
  });
});
