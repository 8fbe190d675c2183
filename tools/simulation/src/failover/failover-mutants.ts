import type { SessionCopies, SessionStore } from '@mooring/session-store';
import { storeFailure } from '../kernel/store-over-line.ts';
import type { Mutant, Sabotage } from '../kernel/scenario.ts';
import { replaced } from '@mooring/session-store-testkit';

/** Where the failover store keeps its epoch. */
const EPOCH_TENANT = 'mooring.failover';

function faultyCopies(fault: (copies: SessionCopies) => Partial<SessionCopies>): Sabotage {
  return { copies: (copies) => replaced<SessionCopies>(copies, fault(copies)) };
}

/** Changes what is written to the record of the epoch. */
function faultyEpochs(update: (sessions: SessionStore) => SessionStore['update']): Sabotage {
  return {
    store: (authority) => {
      const { sessions } = authority;
      const faulty = update(sessions);
      return replaced(authority, {
        sessions: replaced(sessions, {
          update: (ref, version, patch) =>
            ref.tenantId === EPOCH_TENANT ? faulty(ref, version, patch) : sessions.update(ref, version, patch),
        }),
      });
    },
  };
}

/** One rule of the copies left out. */
const LEFT_OUT: Readonly<Record<string, Sabotage>> = {
  'a copy is kept although its session was forgotten since it was read': faultyCopies((copies) => ({
    keep: async (copy) => {
      const { marks } = await copies.find(copy.epoch, copy.record);
      return copies.keep({ ...copy, marks });
    },
  })),
  'changes leave the copy': faultyCopies(() => ({ forget: async () => {} })),
  'the end of all sessions leaves their copies': faultyCopies(() => ({ forgetSubject: async () => {} })),
  'every memory is taken for the same one': faultyCopies((copies) => ({
    incarnation: async () => {
      await copies.incarnation();
      return 'the same';
    },
  })),
  'a copy is not what was read': faultyCopies((copies) => ({
    keep: (copy) => copies.keep({ ...copy, record: { ...copy.record, data: { serial: -1 } } }),
  })),
  'copies are never found again': faultyCopies(() => ({
    incarnation: () => Promise.reject(storeFailure('incarnation', 'lost')),
  })),
  'nobody notices a lost connection': { copies: (copies) => replaced<SessionCopies>(copies, { interruptions: 0 }) },
  'an epoch is not ended when a copy can not be deleted': faultyEpochs((sessions) => async (ref, version, patch) => {
    if (patch.data?.['home'] !== null) return sessions.update(ref, version, patch);
    const found = await sessions.get(ref);
    return found.ok ? { ok: true, value: { ...found.value, data: patch.data } } : found;
  }),
  'nobody waits for those who believe in the epoch before': faultyEpochs(
    (sessions) => (ref, version, patch) => sessions.update(ref, version, { data: { ...patch.data, settleMs: 0 } }),
  ),
};

export const FAILOVER_MUTANTS: readonly Mutant[] = Object.entries(LEFT_OUT).map(([name, sabotage]) => ({
  name,
  scenario: 'failover',
  sabotage,
}));
