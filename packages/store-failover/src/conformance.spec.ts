import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { harnessOf } from './conformance.fixture.ts';
import { Servers } from './servers.fixture.ts';

let servers: Servers;
let hits = 0;

beforeAll(async () => {
  servers = await Servers.start();
});

afterAll(async () => {
  await servers?.stop();
  expect(hits).toBeGreaterThan(300);
});

const report = conformance(
  { describe, it },
  harnessOf({
    name: 'failover',
    servers: () => servers,
    copies: (namespace) => servers.copies({ namespace }),
    onEvent: (event) => {
      if (event === 'hit') hits += 1;
    },
  }),
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
