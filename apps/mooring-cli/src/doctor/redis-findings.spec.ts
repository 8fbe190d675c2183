import { expect, it } from '@jest/globals';
import { remedied } from './doctor.fixture.ts';
import { redisFindings } from './redis-findings.ts';

const PLACE = { place: 'cache:6379', variable: 'REDIS_URL' };
const SERVER = {
  version: '7.4.1',
  role: 'master',
  latencyMs: 1,
  clockAheadMs: 0,
  evictionPolicy: 'noeviction',
  maxMemoryBytes: 1000,
  usedMemoryBytes: 899,
  appendOnly: true,
  snapshots: true,
  saveFailed: false,
};

const found = (change: Partial<typeof SERVER>, check: string, copies = false) =>
  redisFindings([{ ...SERVER, ...change }], PLACE, { copies }).find((finding) => finding.check === check);

it('has nothing to say of a server in order', () => {
  const statuses = redisFindings([SERVER], PLACE, { copies: false }).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set(['ok']));
});

it.each<[string, Partial<typeof SERVER>, string, 'failed' | 'warning', RegExp, RegExp]>([
  ['is full', { usedMemoryBytes: 900 }, 'redis-memory', 'warning', /90 % of maxmemory are used/, /raise maxmemory/],
  ['is a replica', { role: 'slave' }, 'redis', 'failed', /takes no writes: it is a replica/, /the master in REDIS_URL/],
  ['is too old', { version: '6.0.20' }, 'redis', 'failed', /6\.0\.20 at cache:6379 is too old/, /6\.2 or later/],
  ['can not save', { saveFailed: true }, 'redis-persistence', 'failed', /can not save to its disk/, /make room/],
])('names a server that %s', (_, change, check, status, what, remedy) => {
  expect(found(change, check)).toMatchObject(remedied(status, what, remedy));
});

it('does not mind that copies are thrown away when memory is full', () => {
  const full = { usedMemoryBytes: 1000 };
  expect(found({ ...full, evictionPolicy: 'allkeys-lru' }, 'redis-memory', true)).toBeUndefined();
  expect(found(full, 'redis-memory', true)).toMatchObject(remedied('warning', /100 %/, /allkeys-lru/));
});
