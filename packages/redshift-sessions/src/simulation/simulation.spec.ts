import { describe, expect, it } from '@jest/globals';
import { createMemoryStore } from '@mooring/store-memory';
import { seeded, simulate } from './simulation.fixture.ts';
import type { SimulationOutcome, SimulationPlan } from './simulation.fixture.ts';

const SEEDS = Array.from({ length: 60 }, (_, n) => n + 1);
const CAP = 4;
const TENANTS = 3;

const run = (plan: Partial<SimulationPlan> & { seed: number }): Promise<SimulationOutcome> =>
  simulate(
    {
      statements: 200,
      spanMs: 10_000,
      tenants: TENANTS,
      processes: 2,
      faults: {},
      options: { maxSessionsPerKey: CAP, waitTimeoutMs: 60_000 },
      ...plan,
    },
    (clock) => createMemoryStore({ namespace: 'simulation', clock }).pool,
  );

describe('the pool in virtual time', () => {
  it('reuses sessions, keeps the caps and serves everybody', async () => {
    const outcome = await run({ seed: 1 });
    expect(outcome).toMatchObject({ ended: { finished: 200 }, unanswered: 0, violations: [] });
    expect(outcome.opened).toBeLessThanOrEqual(CAP * TENANTS);
  });

  it('loses and doubles nothing when requests, answers and sessions get lost and calls are throttled', async () => {
    for (const seed of SEEDS) {
      const chance = seeded(seed);
      const faults = {
        lostRequest: chance() * 0.1,
        lostResponse: chance() * 0.1,
        lostSession: chance() * 0.1,
        throttled: chance() * 0.2,
      };
      const outcome = await run({ seed, faults });
      expect({ seed, ...outcome }).toMatchObject({ ended: { finished: 200 }, unanswered: 0, violations: [] });
      expect({ seed, most: outcome.mostOpen <= CAP * TENANTS }).toEqual({ seed, most: true });
    }
  });

  it('keeps the caps also over sessions that may have opened unseen', async () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const outcome = await run({ seed, faults: { lostResponse: 0.2, lostRequest: 0.1, blind: 1 } });
      expect({ seed, violations: outcome.violations }).toEqual({ seed, violations: [] });
      expect({ seed, most: outcome.mostOpen <= CAP * TENANTS }).toEqual({ seed, most: true });
      expect(
        Object.keys(outcome.ended).filter((how) => !['finished', 'outcome_unknown', 'pool_exhausted'].includes(how)),
      ).toEqual([]);
      expect(outcome.unanswered).toBe(0);
    }
  });

  it('keeps the caps and its promises when a process dies at any moment', async () => {
    for (const seed of SEEDS) {
      const chance = seeded(seed * 7);
      const outcome = await run({
        seed,
        crashAtMs: Math.round(chance() * 10_000),
        faults: { lostResponse: chance() * 0.05, lostSession: chance() * 0.05 },
      });
      expect({ seed, violations: outcome.violations }).toEqual({ seed, violations: [] });
      expect({ seed, most: outcome.mostOpen <= CAP * TENANTS }).toEqual({ seed, most: true });
      const { finished = 0, ...others } = outcome.ended;
      expect({ seed, others }).toEqual({ seed, others: {} });
      expect(finished + outcome.unanswered).toBe(200);
      expect({ seed, survivor: finished > 80 }).toEqual({ seed, survivor: true });
    }
  });
});
