import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits for more than setTimeout can hold', () => {
    jest.useFakeTimers();
    const fired = jest.fn<() => void>();
    const thirtyDays = 30 * 24 * 3600 * 1000;
    systemClock.after(thirtyDays, fired);
    jest.advanceTimersByTime(thirtyDays - 1);
    expect(fired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  it('cancels in any step', () => {
    jest.useFakeTimers();
    const fired = jest.fn<() => void>();
    const cancel = systemClock.after(2_147_483_647 + 10, fired);
    jest.advanceTimersByTime(2_147_483_647);
    cancel();
    jest.advanceTimersByTime(1000);
    expect(fired).not.toHaveBeenCalled();
  });
});
