import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { harnessOf } from './conformance.fixture.ts';
import { Servers } from './servers.fixture.ts';

let servers: Servers;
let hits = 0;

beforeAll(async () => {
  servers = await Servers.start();
  await servers.redis.kill();
});

afterAll(async () => {
  await servers?.stop();
  expect(hits).toBe(0);
});

conformance(
  { describe, it },
  harnessOf({
    name: 'postgres, its redis gone',
    isBrief: true,
    servers: () => servers,
    copies: (namespace) => servers.copies({ namespace }),
    onEvent: (event) => {
      if (event === 'hit') hits += 1;
    },
  }),
);
