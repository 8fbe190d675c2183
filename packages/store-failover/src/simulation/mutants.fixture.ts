import type { SessionCopies, SessionStore } from '@mooring/session-store';
import { EPOCH_TENANT } from '../epochs/epoch-record.ts';
import { replaced } from '../replaced.fixture.ts';
import type { Sabotage } from './world.fixture.ts';

function faultyCopies(fault: (copies: SessionCopies) => Partial<SessionCopies>): Sabotage {
  return { copies: (copies) => replaced<SessionCopies>(copies, fault(copies)) };
}

/** Changes what is written to the record of the epoch. */
function faultyEpochs(update: (sessions: SessionStore) => SessionStore['update']): Sabotage {
  return {
    authority: (authority) => {
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

/** Faults that the simulation has to find, each of them one rule that is left out. */
export const MUTANTS: Readonly<Record<string, Sabotage>> = {
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
