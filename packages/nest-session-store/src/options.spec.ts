import { describe, expect, it } from '@jest/globals';
import { selectBackend } from './options.ts';
import type { BackendName } from './options.ts';

const url = 'postgres://ann:hunter22@db/x';

describe('selectBackend', () => {
  it('takes the database when there is one', () => {
    expect(selectBackend({ url })).toEqual({ name: 'postgres' });
    expect(selectBackend({ backend: 'auto', url, production: true })).toEqual({ name: 'postgres' });
  });

  it('falls back on memory with a warning', () => {
    expect(selectBackend({})).toEqual({ name: 'memory', warning: expect.stringContaining('lost at a restart') });
  });

  it('does not fall back in production', () => {
    expect(() => selectBackend({ production: true })).toThrow(/give a database URL, or choose the store "memory"/);
  });

  it('gives memory to whoever asks for it, without a warning', () => {
    expect(selectBackend({ backend: 'memory', url, production: true })).toEqual({ name: 'memory' });
  });

  it('refuses a name that it does not know and says which there are', () => {
    expect(() => selectBackend({ backend: 'redis' as BackendName })).toThrow(
      'There is no session store "redis". There are: auto, postgres, memory.',
    );
    expect(() => selectBackend({ backend: 'toString' as BackendName })).toThrow(/There is no session store/);
  });

  it('needs a URL for PostgreSQL', () => {
    expect(() => selectBackend({ backend: 'postgres' })).toThrow('needs a database URL');
  });
});
