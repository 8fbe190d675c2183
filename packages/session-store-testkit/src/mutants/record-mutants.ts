import { StoreError, ok, refused } from '@mooring/session-store';
import { openMutant, portMutant, replaced, sizeMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { keyOf, pause, remembering, timeOf } from './session-memory.ts';

const isCorrupt = (error: unknown): boolean => error instanceof StoreError && error.code === 'corrupt';

/** Faults in what is kept of sessions: ghosts, fractions, damage, and what is never collected. */
export const RECORD_MUTANTS: readonly Mutant[] = [
  portMutant('a touch creates what is not there', 'sessions', (sessions) => ({
    async touch(ref, options) {
      const result = await sessions.touch(ref, options);
      if (result.ok || result.reason !== 'not_found') return result;
      const made = await sessions.create({
        ...ref,
        subjectId: null,
        data: {},
        idleTimeoutMs: 60_000,
        lifetimeMs: 60_000,
      });
      return made.ok ? ok({ session: made.value, superseded: false }) : result;
    },
  })),

  portMutant('deadlines have fractions of a millisecond', 'sessions', (sessions) => ({
    async create(session, options) {
      const result = await sessions.create(session, options);
      return result.ok ? ok({ ...result.value, idleExpiresAt: result.value.idleExpiresAt + 0.5 }) : result;
    },
  })),

  portMutant('reading deletes what has expired, whatever is there by then', 'sessions', (sessions) => {
    const deleted = new Set<string>();
    return {
      async create(session, options) {
        deleted.delete(keyOf(session));
        return sessions.create(session, options);
      },
      async get(ref) {
        if (deleted.has(keyOf(ref))) return refused('not_found');
        const result = await sessions.get(ref);
        if (!result.ok && result.reason.startsWith('expired')) {
          await pause();
          deleted.add(keyOf(ref));
        }
        return result;
      },
    };
  }),

  portMutant('a session never expires', 'sessions', (sessions) => {
    const { create, seen } = remembering(sessions);
    return {
      create,
      async get(ref) {
        const result = await sessions.get(ref);
        const record = seen.get(keyOf(ref));
        return !result.ok && result.reason.startsWith('expired') && record !== undefined ? ok(record) : result;
      },
    };
  }),

  portMutant('of two deadlines the idle one is named', 'sessions', (sessions) => ({
    async get(ref) {
      const result = await sessions.get(ref);
      return !result.ok && result.reason === 'expired_absolute' ? refused('expired_idle') : result;
    },
  })),

  portMutant('revoking answers before it is done', 'sessions', (sessions, store) => ({
    async revoke(ref, reason) {
      const revokedAt = await timeOf(store);
      void pause().then(() => sessions.revoke(ref, reason).catch(() => {}));
      return ok({ revokedAt });
    },
  })),

  openMutant('what is dead stays until somebody reads it', (open) => async ({ namespace, clock }) => {
    const still = clock === undefined ? {} : { clock: { now: () => clock.now(), after: () => () => {} } };
    const store = await open({ namespace, ...still });
    return replaced(store, { sweep: (request) => store.sweep({ ...request, dryRun: true }) });
  }),

  sizeMutant('the first entry of each minute is never collected', (store, left) => {
    const minutes = new Set<number>();
    return {
      sessions: replaced(store.sessions, {
        async create(session, options) {
          const minute = Math.floor((await timeOf(store)) / 60_000);
          if (!minutes.has(minute)) left.entries += 1;
          minutes.add(minute);
          return store.sessions.create(session, options);
        },
      }),
    };
  }),

  sizeMutant('an index entry stays when its session is gone', (store, left) => ({
    async sweep(request) {
      const result = await store.sweep(request);
      if (result.ok && request.target === 'sessions' && request.dryRun !== true) left.entries += result.value.deleted;
      return result;
    },
  })),

  sizeMutant('limits that are over are never collected', (store, left) => ({
    async sweep(request) {
      const result = await store.sweep(request);
      if (result.ok && request.target === 'limits' && request.dryRun !== true) left.entries += result.value.deleted;
      return result;
    },
  })),

  portMutant('a record that can not be read is none', 'sessions', (sessions) => ({
    get: (ref) =>
      sessions.get(ref).catch((error: Error) => (isCorrupt(error) ? refused('not_found') : Promise.reject(error))),
    touch: (ref, options) =>
      sessions
        .touch(ref, options)
        .catch((error: Error) => (isCorrupt(error) ? refused('not_found') : Promise.reject(error))),
  })),

  portMutant('a list passes over what can not be read', 'sessions', (sessions) => ({
    list: (owner, page) =>
      sessions.list(owner, page).catch((error: Error) => (isCorrupt(error) ? { items: [] } : Promise.reject(error))),
  })),

  portMutant('a record that can not be read crashes the reader', 'sessions', (sessions) => ({
    get: (ref) =>
      sessions
        .get(ref)
        .catch((error: Error) =>
          Promise.reject(isCorrupt(error) ? new SyntaxError('Unexpected token d in JSON') : error),
        ),
  })),

  portMutant('a record that can not be read keeps its subject logged in', 'sessions', (sessions) => ({
    async revokeWhere(selector, reason) {
      await sessions.list(selector, { limit: 1000 });
      return sessions.revokeWhere(selector, reason);
    },
  })),

  portMutant('a touch reads first, then writes', 'sessions', (sessions) => ({
    async touch(ref, options) {
      const found = await sessions.get(ref);
      return found.ok ? sessions.touch(ref, options) : found;
    },
  })),

  portMutant('a list asks for each session', 'sessions', (sessions) => ({
    async list(owner, page) {
      const answer = await sessions.list(owner, page);
      for (const { tenantId, id } of answer.items) await sessions.get({ tenantId, id });
      return answer;
    },
  })),

  portMutant('what is wrong with a call is left to the server to say', 'sessions', (sessions, store) => ({
    async get(ref) {
      await store.ping();
      return sessions.get(ref);
    },
  })),
];
