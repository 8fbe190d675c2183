import { describe, expect, it } from '@jest/globals';
import { capturedOutput } from './captured-output.ts';
import { UnhandledRejections } from './unhandled-rejections.ts';

describe('UnhandledRejections', () => {
  it('sees what nobody handles, and keeps it from the test runner', async () => {
    const watch = UnhandledRejections.watch();
    const beside = UnhandledRejections.watch();
    void Promise.reject(new Error('lost'));
    Promise.reject(new Error('handled')).catch(() => {});
    await watch.stop();
    await beside.stop();
    expect(watch.reasons).toEqual([expect.objectContaining({ message: 'lost' })]);
    expect(beside.reasons).toHaveLength(1);
    expect(() => watch.requireNone()).toThrow('handled by nobody');
  });

  it('is content with none', async () => {
    const watch = UnhandledRejections.watch();
    await watch.stop();
    expect(() => watch.requireNone()).not.toThrow();
  });
});

describe('capturedOutput', () => {
  it('has what goes to the streams, to the console and to the warnings, and nothing after', async () => {
    const before = Object.getOwnPropertyDescriptor(process.stderr, 'write');
    const output = await capturedOutput(async () => {
      process.stderr.write('to the stream\n');
      process.emitWarning('a warning', { code: 'KIT' });
    });
    expect(output).toContain('to the stream');
    expect(output).toContain('a warning');
    expect(Object.getOwnPropertyDescriptor(process.stderr, 'write')).toEqual(before);
  });

  it('undoes everything when the work fails', async () => {
    const before: unknown = Reflect.get(globalThis.console, 'warn');
    await expect(capturedOutput(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(Reflect.get(globalThis.console, 'warn')).toBe(before);
  });
});
