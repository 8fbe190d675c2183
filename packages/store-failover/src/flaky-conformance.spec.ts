import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { harnessOf } from './conformance.fixture.ts';
import { FlakyCopies } from './flaky-copies.fixture.ts';
import { Servers } from './servers.fixture.ts';

let servers: Servers;
const events: Record<string, number> = {};

beforeAll(async () => {
  servers = await Servers.start();
});

afterAll(async () => {
  await servers?.stop();
  expect(events['hit']).toBeGreaterThan(50);
  expect(events['failure']).toBeGreaterThan(300);
  expect(events['epoch_ended']).toBeGreaterThan(5);
});

conformance(
  { describe, it },
  harnessOf({
    name: 'postgres, its redis flaky',
    isBrief: true,
    servers: () => servers,
    copies: async (namespace) => new FlakyCopies(await servers.copies({ namespace }), 3),
    onEvent: (event) => {
      events[event] = (events[event] ?? 0) + 1;
    },
  }),
);
