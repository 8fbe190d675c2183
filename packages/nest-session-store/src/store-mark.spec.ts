import { expect, it } from '@jest/globals';
import { selectBackend } from './options.ts';
import type { SessionStoreOptions } from './options.ts';
import { storeMark } from './store-mark.ts';

type Options = Omit<SessionStoreOptions, 'namespace'>;

const markOf = (options: Options): string => storeMark(options, selectBackend(options).name);
const at = (database: string, redis?: string): Options => ({
  database: { url: database },
  ...(redis === undefined ? {} : { redis: { url: redis } }),
});

it('is the same for the same servers, whoever asks, and tells nothing of them', () => {
  const mark = markOf(at('postgres://ann:secret@db/mooring', 'redis://:hidden@cache:6379/0'));
  expect(mark).toMatch(/^[0-9a-f]{8}$/);
  expect(markOf(at('postgres://bob@db:5432/mooring', 'rediss://cache/0'))).toBe(mark);
});

it.each<[string, Options]>([
  ['another database', at('postgres://db/other', 'redis://cache/0')],
  ['another server', at('postgres://db2/mooring', 'redis://cache/0')],
  ['another Redis', at('postgres://db/mooring', 'redis://cache/1')],
  ['no Redis', at('postgres://db/mooring')],
  ['Redis alone', { ...at('postgres://db/mooring', 'redis://cache/0'), backend: 'redis' }],
  ['memory', {}],
])('is another one for %s', (_, options) => {
  expect(markOf(options)).not.toBe(markOf(at('postgres://db/mooring', 'redis://cache/0')));
});
