import { expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { EpochRecord } from './epoch-record.ts';
import type { Epoch } from './epoch-record.ts';

const clock = new ManualClock();
const DAY_MS = 86_400_000;

function recordsOf(...stalenessMs: readonly number[]): EpochRecord[] {
  const { sessions } = createMemoryStore({ clock });
  return stalenessMs.map((staleMs) => new EpochRecord(sessions, staleMs));
}

it('of several that begin an epoch in the place of one, one does', async () => {
  const [record] = recordsOf(1000) as [EpochRecord];
  const none = await record.read();
  expect(none).toMatchObject({ home: null, version: 0 });
  const begun = await Promise.all(['a', 'b', null].map((home) => record.begin(none, home, true)));
  expect(begun.filter((epoch) => epoch !== undefined)).toHaveLength(1);
  const current = await record.read();
  expect(begun).toContainEqual(current);
  const next = await Promise.all(['c', 'd'].map((home) => record.begin(current, home, true)));
  expect(next.filter((epoch) => epoch !== undefined)).toHaveLength(1);
  expect((await record.read()).id).not.toBe(current.id);
});

it('what may be believed for long is waited for as long, by processes with other settings', async () => {
  const [patient, hasty] = recordsOf(10_000, 100) as [EpochRecord, EpochRecord];
  const long = (await patient.begin(await patient.read(), 'a', true)) as Epoch;
  expect(await hasty.read()).toEqual(long);
  const ended = (await hasty.begin(long, null, true)) as Epoch;
  expect([ended.staleMs, ended.settleMs]).toEqual([100, 10_505]);
  // Not known for 10.5 s, so some may still believe in the first one.
  const soon = (await hasty.begin(ended, 'b', false)) as Epoch;
  expect(soon.settleMs).toBe(10_505);
  const later = (await hasty.begin(soon, 'c', true)) as Epoch;
  expect(later.settleMs).toBe(110);
});

it('a record that ended, or was ended, makes room for the next', async () => {
  const [record] = recordsOf(1000) as [EpochRecord];
  const first = (await record.begin(await record.read(), 'a', true)) as Epoch;
  expect(first.endsAt).toBe(clock.now() + 400 * DAY_MS);
  await clock.advance(400 * DAY_MS);
  const none = await record.read();
  expect(none).toMatchObject({ home: null, version: 0 });
  const next = (await record.begin(none, 'a', true)) as Epoch;
  expect([next.home, next.id === first.id, await record.begin(none, 'b', true)]).toEqual(['a', false, undefined]);
});
