import { describe, expect, it } from '@jest/globals';
import { Cancellation } from './cancellation.ts';
import type { CancelSignal } from './cancellation.ts';

interface Abortable {
  readonly signal: CancelSignal;
  readonly abort: (reason: Error) => void;
}

const kinds: Readonly<Record<string, () => Abortable>> = {
  'an AbortController': () => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
  },
  'a Cancellation': () => {
    const signal = new Cancellation();
    return { signal, abort: (reason) => signal.abort(reason) };
  },
};

/** What code that asks a CancelSignal takes for granted, of both that it may be given. */
describe.each(Object.entries(kinds))('%s', (_, make) => {
  it('says nothing until it is aborted', () => {
    const { signal } = make();
    signal.throwIfAborted();
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
  });

  it('tells each listener once, and whoever asks later, with its first reason', () => {
    const { signal, abort } = make();
    const heard: string[] = [];
    signal.addEventListener('abort', () => heard.push(`a ${String(signal.aborted)}`));
    signal.addEventListener('abort', () => heard.push('b'));
    const first = new Error('first');
    abort(first);
    abort(new Error('second'));
    expect(heard).toEqual(['a true', 'b']);
    expect(signal.reason).toBe(first);
    expect(() => signal.throwIfAborted()).toThrow(first);
  });

  it('does not tell who left, also while it tells, nor who comes too late', () => {
    const { signal, abort } = make();
    const heard: string[] = [];
    const [gone, next] = [() => void heard.push('gone'), () => void heard.push('next')];
    signal.addEventListener('abort', gone);
    signal.removeEventListener('abort', gone);
    signal.addEventListener('abort', () => signal.removeEventListener('abort', next));
    signal.addEventListener('abort', next);
    abort(new Error('over'));
    signal.addEventListener('abort', () => heard.push('late'));
    expect(heard).toEqual([]);
  });
});
