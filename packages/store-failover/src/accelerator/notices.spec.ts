import { expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { VirtualTimer } from '../virtual-timer.fixture.ts';
import { Notices } from './notices.ts';

const gone = new StoreError({ code: 'timeout', message: 'no answer in time', backend: 'redis', operation: 'find' });
const CONNECTED = '✓ Connected to Redis for session storage';
const AWAY = 'Using database for session storage. Redis fails (timeout): redis find: no answer in time';

function noticesOf(): { readonly notices: Notices; readonly timer: VirtualTimer; readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const timer = new VirtualTimer();
  return { notices: new Notices('redis', { warnIntervalMs: 60_000, timer, log: say, warn: say }), timer, said };
}

it('says which store is in use, word for word', () => {
  const { notices, said } = noticesOf();
  notices.connected();
  notices.away(gone);
  notices.connected();
  expect(said).toEqual([CONNECTED, AWAY, CONNECTED]);
});

it('F-02: warns once in an interval, of 1000 failures, and again in the next', async () => {
  const { notices, timer, said } = noticesOf();
  for (let call = 0; call < 1000; call++) notices.away(gone);
  expect(said).toEqual([AWAY]);
  await timer.wait(60_000);
  for (let call = 0; call < 1000; call++) notices.away(gone);
  expect(said).toEqual([AWAY, AWAY]);
});

it('says nothing of the end of what it did not warn of', () => {
  const { notices, said } = noticesOf();
  for (let flap = 0; flap < 10; flap++) {
    notices.connected();
    notices.away(gone);
  }
  notices.connected();
  expect(said).toEqual([CONNECTED, AWAY, CONNECTED]);
});
