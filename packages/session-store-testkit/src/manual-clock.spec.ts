import { describe, expect, it } from '@jest/globals';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('runs timers in the order of their deadlines, each at its time', async () => {
    const clock = new ManualClock(1000);
    const seen: string[] = [];
    clock.after(20, () => seen.push(`b${clock.now()}`));
    clock.after(10, () => seen.push(`a${clock.now()}`));
    clock.after(20, () => seen.push(`c${clock.now()}`));
    clock.after(31, () => seen.push('never'));
    await clock.advance(30);
    expect(seen).toEqual(['a1010', 'b1020', 'c1020']);
    expect(clock.now()).toBe(1030);
    expect(clock.pending).toBe(1);
  });

  it('runs timers that timers start, when they are due in the same advance', async () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(35);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('lets promises settle before the next timer', async () => {
    const clock = new ManualClock(0);
    const seen: string[] = [];
    const steps = async (): Promise<void> => {
      for (let step = 0; step < 5; step++) await Promise.resolve();
      seen.push('settled');
    };
    clock.after(1, () => void steps());
    clock.after(2, () => seen.push('second'));
    await clock.advance(5);
    expect(seen).toEqual(['settled', 'second']);
  });

  it('cancels', async () => {
    const clock = new ManualClock();
    let fired = false;
    const cancel = clock.after(1, () => {
      fired = true;
    });
    cancel();
    cancel();
    await clock.advance(10);
    expect(fired).toBe(false);
  });
});
