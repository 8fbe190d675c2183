import { ok, refused } from '@mooring/session-store';
import type { SessionRecord } from '@mooring/session-store';
import { keyOf, pause, remembering, sessionMemory, timeOf } from './session-memory.ts';
import type { SessionMemory } from './session-memory.ts';
import { clockMutant, namespaceMutant, portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** With the sessions that came back from the dead. */
const returning = (): SessionMemory & { readonly back: Map<string, SessionRecord> } => ({
  ...sessionMemory(),
  back: new Map(),
});

export const SESSION_MUTANTS: readonly Mutant[] = [
  portMutant('update ignores the version', 'sessions', (sessions) => ({
    async update(ref, expectedVersion, patch) {
      const result = await sessions.update(ref, expectedVersion, patch);
      if (result.ok || result.reason !== 'conflict') return result;
      const found = await sessions.get(ref);
      return found.ok ? sessions.update(ref, found.value.version, patch) : found;
    },
  })),

  portMutant('update checks the version, then acts', 'sessions', (sessions) => ({
    async update(ref, expectedVersion, patch) {
      const found = await sessions.get(ref);
      if (!found.ok) return found;
      if (found.value.version !== expectedVersion) return refused('conflict');
      await pause();
      for (;;) {
        const current = await sessions.get(ref);
        if (!current.ok) return current;
        const result = await sessions.update(ref, current.value.version, patch);
        if (result.ok || result.reason !== 'conflict') return result;
      }
    },
  })),

  namespaceMutant('a touch brings a dead session back', 'sessions', returning, (sessions, memory) => {
    const { create, seen } = remembering(sessions, memory);
    const { back } = memory;
    return {
      create,
      async touch(ref, options) {
        const result = await sessions.touch(ref, options);
        const record = seen.get(keyOf(ref));
        if (result.ok || result.reason !== 'revoked' || record === undefined) return result;
        back.set(keyOf(ref), record);
        return ok({ session: record, superseded: false });
      },
      async get(ref) {
        const record = back.get(keyOf(ref));
        return record === undefined ? sessions.get(ref) : ok(record);
      },
    };
  }),

  namespaceMutant('an update brings a revoked session back', 'sessions', returning, (sessions, memory) => {
    const { create, seen } = remembering(sessions, memory);
    const { back } = memory;
    return {
      create,
      async update(ref, expectedVersion, patch) {
        const result = await sessions.update(ref, expectedVersion, patch);
        const record = seen.get(keyOf(ref));
        if (result.ok || result.reason !== 'revoked' || record === undefined) return result;
        const updated = { ...record, data: patch.data ?? record.data, version: expectedVersion + 1 };
        back.set(keyOf(ref), updated);
        return ok(updated);
      },
      async get(ref) {
        const record = back.get(keyOf(ref));
        return record === undefined ? sessions.get(ref) : ok(record);
      },
    };
  }),

  clockMutant('expiry is rounded up to whole seconds', (now) => Math.floor(now / 1000) * 1000),
  clockMutant('sessions live a millisecond too long', (now) => now - 1),

  portMutant('an expired session is answered until it is swept', 'sessions', (sessions) => {
    const { create, seen } = remembering(sessions);
    return {
      create,
      async get(ref) {
        const result = await sessions.get(ref);
        const record = seen.get(keyOf(ref));
        return !result.ok && result.reason === 'expired_idle' && record !== undefined ? ok(record) : result;
      },
    };
  }),

  portMutant('a lifetime of more than 24.8 days ends at once', 'sessions', (sessions) => ({
    create: (session, options) =>
      sessions.create(session.lifetimeMs > 2_147_483_647 ? { ...session, lifetimeMs: 1 } : session, options),
  })),

  portMutant('revoking deletes the row', 'sessions', (sessions) => {
    const { create, created } = remembering(sessions);
    const gone = new Set<string>();
    return {
      async create(session, options) {
        const taken = gone.has(keyOf(session));
        if (!taken) return create(session, options);
        gone.delete(keyOf(session));
        return ok({ ...session, version: 1 } as unknown as SessionRecord);
      },
      async get(ref) {
        return gone.has(keyOf(ref)) ? refused('not_found') : sessions.get(ref);
      },
      async revoke(ref, reason) {
        if (created.has(keyOf(ref))) gone.add(keyOf(ref));
        return sessions.revoke(ref, reason);
      },
    };
  }),

  portMutant('revoking again moves the time of revocation', 'sessions', (sessions, store) => ({
    async revoke(ref, reason) {
      const result = await sessions.revoke(ref, reason);
      return result.ok ? ok({ revokedAt: await timeOf(store) }) : result;
    },
  })),

  portMutant('a rotation checks, then acts', 'sessions', (sessions) => ({
    async rotate(ref, rotation) {
      const found = await sessions.get(ref);
      if (!found.ok || found.value.verifier !== rotation.presented) return sessions.rotate(ref, rotation);
      await pause();
      const current = await sessions.get(ref);
      const presented = current.ok ? (current.value.verifier ?? rotation.presented) : rotation.presented;
      return sessions.rotate(ref, { ...rotation, presented });
    },
  })),

  portMutant('a retired verifier is only a mismatch', 'sessions', (sessions) => {
    const retired = new Set<string>();
    return {
      async rotate(ref, rotation) {
        if (retired.has(rotation.presented) && rotation.graceMs === 0) return refused('mismatch');
        const result = await sessions.rotate(ref, rotation);
        if (result.ok) retired.add(rotation.presented);
        return result;
      },
      async touch(ref, options = {}) {
        const found = await sessions.get(ref);
        const { presented } = options;
        if (found.ok && presented !== undefined && retired.has(presented) && found.value.verifier !== presented) {
          return refused('mismatch');
        }
        return sessions.touch(ref, options);
      },
    };
  }),

  portMutant('a random verifier revokes the session', 'sessions', (sessions) => ({
    async touch(ref, options) {
      const result = await sessions.touch(ref, options);
      if (!result.ok && result.reason === 'mismatch') await sessions.revoke(ref, 'mismatch');
      return result;
    },
  })),

  portMutant('a touch moves the idle deadline past the absolute one', 'sessions', (sessions) => ({
    async touch(ref, options) {
      const result = await sessions.touch(ref, options);
      if (!result.ok) return result;
      const { session } = result.value;
      return ok({
        ...result.value,
        session: { ...session, idleExpiresAt: session.lastSeenAt + session.idleTimeoutMs },
      });
    },
  })),

  portMutant('each touch writes, whatever the least interval', 'sessions', (sessions) => ({
    touch: (ref, options) => sessions.touch(ref, { ...options, minIntervalMs: 0 }),
  })),

  portMutant('reading slides the idle deadline', 'sessions', (sessions) => ({
    async get(ref) {
      const result = await sessions.touch(ref);
      return result.ok ? ok(result.value.session) : sessions.get(ref);
    },
  })),

  portMutant('records are answered by reference', 'sessions', (sessions) => {
    const held = new Map<string, SessionRecord>();
    return {
      async get(ref) {
        const result = await sessions.get(ref);
        if (!result.ok) return result;
        const state = JSON.stringify([ref, result.value]);
        const record = held.get(state) ?? result.value;
        held.set(state, record);
        return ok(record);
      },
    };
  }),

  portMutant('data of any size is taken', 'sessions', (sessions) => ({
    create: (session, options) =>
      sessions.create(JSON.stringify(session.data).length > 100_000 ? { ...session, data: {} } : session, options),
  })),
];
