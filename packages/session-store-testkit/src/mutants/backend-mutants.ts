import { refused } from '@mooring/session-store';
import { keyOf, remembering } from './session-memory.ts';
import { clientMutant, replaced } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Faults of sweeps and of closing. */
export const BACKEND_MUTANTS: readonly Mutant[] = [
  clientMutant('a sweep deletes what is live', (store) => {
    const { create, seen } = remembering(store.sessions);
    const swept = new Set<string>();
    return {
      sessions: replaced(store.sessions, {
        create,
        get: async (ref) => (swept.has(keyOf(ref)) ? refused('not_found') : store.sessions.get(ref)),
      }),
      async sweep(request) {
        if (request.target === 'sessions') for (const key of seen.keys()) swept.add(key);
        return store.sweep(request);
      },
    };
  }),

  clientMutant('a sweep has no bound', (store) => ({
    sweep: (request) => store.sweep({ ...request, limit: 100_000 }),
  })),

  clientMutant('a dry run deletes', (store) => ({
    sweep: (request) => store.sweep({ ...request, dryRun: false }),
  })),

  clientMutant('a sweep ignores its fence', (store) => ({
    sweep: ({ target, limit, dryRun = false }) => store.sweep({ target, limit, dryRun }),
  })),

  clientMutant('a closed store goes on', () => ({ close: async () => {} })),
];
