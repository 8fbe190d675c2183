import { refused } from '@mooring/session-store';
import { pause, remembering, timeOf } from './session-memory.ts';
import { portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Faults of lists, of ending all sessions of a subject, and of the maximum per subject. */
export const OWNER_MUTANTS: readonly Mutant[] = [
  portMutant('a list ignores the tenant', 'sessions', (sessions) => {
    const { create, created } = remembering(sessions);
    return {
      create,
      async list(owner, page) {
        const tenants = new Set([...created.values()].map(({ tenantId }) => tenantId));
        const lists = [...tenants].map((tenantId) => sessions.list({ ...owner, tenantId }, { limit: page.limit }));
        const items = (await Promise.all(lists)).flatMap((list) => list.items);
        return tenants.size < 2 ? sessions.list(owner, page) : { items };
      },
    };
  }),

  portMutant('a list shows verifiers', 'sessions', (sessions) => ({
    async list(owner, page) {
      const answer = await sessions.list(owner, page);
      return { ...answer, items: answer.items.map((item) => ({ ...item, verifier: 'digest' })) };
    },
  })),

  portMutant('a list shows oldest first', 'sessions', (sessions) => ({
    async list(owner, page) {
      const answer = await sessions.list(owner, page);
      return { ...answer, items: answer.items.toReversed() };
    },
  })),

  portMutant('a page starts by counting rows', 'sessions', (sessions) => ({
    async list(owner, page) {
      const skip = Number(page.cursor ?? 0);
      const { items } = await sessions.list(owner, { limit: 1000 });
      const shown = items.slice(skip, skip + page.limit);
      const more = items.length > skip + page.limit;
      return more ? { items: shown, cursor: String(skip + page.limit) } : { items: shown };
    },
  })),

  portMutant('ending all sessions ends what a list shows', 'sessions', (sessions, store) => ({
    async revokeWhere({ tenantId, subjectId, exceptId }, reason) {
      const { items } = await sessions.list({ tenantId, subjectId }, { limit: 1000 });
      await pause();
      for (const { id } of items) if (id !== exceptId) await sessions.revoke({ tenantId, id }, reason);
      return { notBefore: await timeOf(store) };
    },
  })),

  portMutant('ending all sessions ends the one that asks as well', 'sessions', (sessions) => ({
    revokeWhere: ({ tenantId, subjectId }, reason) => sessions.revokeWhere({ tenantId, subjectId }, reason),
  })),

  portMutant('the maximum per subject is checked, then acted on', 'sessions', (sessions) => ({
    async create(session, options = {}) {
      const { maxPerSubject, onLimit = 'reject' } = options;
      if (maxPerSubject === undefined) return sessions.create(session);
      const { items } = await sessions.list(session, { limit: 1000 });
      const tooMany = items.length - maxPerSubject + 1;
      if (tooMany > 0 && onLimit === 'reject') return refused('limit');
      for (const { id } of tooMany > 0 ? items.slice(-tooMany) : []) {
        await sessions.revoke({ tenantId: session.tenantId, id }, 'evicted');
      }
      await pause();
      return sessions.create(session);
    },
  })),
];
