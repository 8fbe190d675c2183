import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { Scratch, dump } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

conformance(
  { describe, it },
  {
    name: 'postgres',
    capabilities: {
      clock: 'server',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: true,
      shared: true,
      maxDataBytes: 262_144,
    },
    open: (options) => scratch.store({ ...options, poolSize: 4 }),
    rawDump: () => dump(scratch),
  },
);
