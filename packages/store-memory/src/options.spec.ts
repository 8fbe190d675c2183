import { describe, expect, it } from '@jest/globals';
import { createMemoryStore } from './index.ts';
import type { MemoryStoreOptions } from './index.ts';

describe('options of the memory store', () => {
  it('refuse production, unless it is allowed with a warning', () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    expect(() => createMemoryStore({ production: true, warn })).toThrow(
      expect.objectContaining({ code: 'misconfigured', backend: 'memory', retryable: false }),
    );
    expect(warnings).toEqual([]);
    expect(createMemoryStore({ production: true, allowProduction: true, warn }).name).toBe('memory');
    expect(warnings).toEqual([expect.stringContaining('lost when the process ends')]);
    createMemoryStore({ warn });
    expect(warnings).toHaveLength(1);
  });

  it.each<[string, MemoryStoreOptions]>([
    ['an empty namespace', { namespace: '' }],
    ['a namespace with a line break', { namespace: 'a\nb' }],
    ['no entries', { maxEntries: 0 }],
    ['half a byte', { maxBytes: 2000.5 }],
    ['a negative time', { keepDeadMs: -1 }],
  ])('refuse %s', (_, options) => {
    expect(() => createMemoryStore(options)).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });
});
