import { ok } from '@mooring/session-store';
import { portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

export const REPLACEMENT_MUTANTS: readonly Mutant[] = [
  portMutant('a dead session is replaced without being asked for', 'sessions', (sessions) => ({
    create: (session, options = {}) =>
      sessions.create(session, session.subjectId === null ? { ...options, replace: 'dead' } : options),
  })),

  portMutant('what takes a place is answered as a first version', 'sessions', (sessions) => ({
    async create(session, options) {
      const result = await sessions.create(session, options);
      return result.ok ? ok({ ...result.value, version: 1 }) : result;
    },
  })),

  portMutant('a place is never taken', 'sessions', (sessions) => ({
    create(session, options = {}) {
      const { maxPerSubject, onLimit } = options;
      const limited = maxPerSubject === undefined ? {} : { maxPerSubject };
      return sessions.create(session, onLimit === undefined ? limited : { ...limited, onLimit });
    },
  })),
];
