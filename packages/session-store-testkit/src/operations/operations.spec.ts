import { describe, expect, it } from '@jest/globals';
import type { StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { preparedOperations } from './operations.ts';

const PORTS = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;

/** As the contract has them. The compiler refuses a list that lacks one or has one too many. */
const METHODS: { readonly [P in (typeof PORTS)[number]]: Readonly<Record<keyof StoreBackend[P], true>> } = {
  sessions: {
    create: true,
    get: true,
    touch: true,
    update: true,
    rotate: true,
    revoke: true,
    revokeWhere: true,
    list: true,
  },
  limits: { consume: true, peek: true, reset: true },
  attempts: { check: true, recordFailure: true, recordSuccess: true },
  budgets: { reserve: true, settle: true, release: true, usage: true },
  leases: { acquire: true, renew: true, release: true },
  pool: { acquire: true, register: true, renew: true, release: true, discard: true, reclaim: true, list: true },
};

describe('preparedOperations', () => {
  it('has every operation of every port', async () => {
    const store = createMemoryStore();
    const names = (await preparedOperations(store, { now: Date.now() })).map(({ name }) => name);
    for (const port of PORTS) {
      const ofPort = names.flatMap((name) => (name.startsWith(`${port}.`) ? [name.split(/[. ]/)[1] ?? ''] : []));
      expect([port, [...new Set(ofPort)].sort()]).toEqual([port, Object.keys(METHODS[port]).sort()]);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  it('are answered, each by what it is named after', async () => {
    const store = createMemoryStore();
    const answers: Record<string, unknown> = {};
    for (const { name, run } of await preparedOperations(store, { now: Date.now() })) answers[name] = await run(store);
    const reasons = Object.entries(answers).flatMap(([name, answer]) =>
      typeof answer === 'object' && answer !== null && 'reason' in answer ? [`${name}: ${String(answer.reason)}`] : [],
    );
    expect(reasons).toEqual([
      'sessions.create with an id that is taken: exists',
      'sessions.create with a maximum that is reached: limit',
      'sessions.get of none: not_found',
      'sessions.touch with a random verifier: mismatch',
      'sessions.touch with a retired verifier: reused',
      'sessions.update at another version: conflict',
      'budgets.reserve past the limit: exceeded',
      'leases.acquire of one that is held: held',
      'pool.acquire past the caps: key_full',
    ]);
    expect(answers['limits.consume past the limit']).toMatchObject({ allowed: false });
  });
});
