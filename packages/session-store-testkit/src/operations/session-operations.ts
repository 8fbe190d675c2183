import type { NewSession, StoreBackend } from '@mooring/session-store';
import { created, digest, refOf, sessionOf } from '../samples.ts';
import type { Operation } from './operations.ts';

type Operations = Readonly<Record<string, Operation['run']>>;

export async function sessionOperations(store: StoreBackend, word: string): Promise<Operations> {
  const tenantId = `tenant-${word}`;
  const owner = { tenantId, subjectId: `subject-${word}` };
  const verifiers = [0, 1, 2, 3].map((place) => digest(`${word}-${place}`)) as [string, string, string, string];
  const [first, second, third, random] = verifiers;
  const fresh = (change: Partial<NewSession> = {}): NewSession =>
    sessionOf({ ...owner, data: { word }, verifier: first, ...change });
  const made = async (): Promise<NewSession> => {
    const session = fresh();
    await created(store, session);
    return session;
  };

  const [read, touched, updated, rotated, reused, revoked] = [
    await made(),
    await made(),
    await made(),
    await made(),
    await made(),
    await made(),
  ];
  await store.sessions.rotate(refOf(reused), { presented: first, next: second, graceMs: 0 });
  const session = fresh();
  return {
    'sessions.create': ({ sessions }) => sessions.create(session),
    'sessions.create with an id that is taken': ({ sessions }) => sessions.create(read),
    'sessions.create with a maximum': ({ sessions }) => sessions.create(fresh(), { maxPerSubject: 50 }),
    'sessions.create with a maximum that is reached': ({ sessions }) => sessions.create(fresh(), { maxPerSubject: 1 }),
    'sessions.create in the place of the oldest': ({ sessions }) =>
      sessions.create(fresh({ subjectId: `other-${word}` }), { maxPerSubject: 1, onLimit: 'evict-oldest' }),
    'sessions.create in the place of a dead one': ({ sessions }) =>
      sessions.create(fresh({ subjectId: null }), { replace: 'dead' }),
    'sessions.get': ({ sessions }) => sessions.get(refOf(read)),
    'sessions.get of none': ({ sessions }) => sessions.get(refOf(fresh())),
    'sessions.touch': ({ sessions }) => sessions.touch(refOf(touched), { presented: first }),
    'sessions.touch that is not due': ({ sessions }) =>
      sessions.touch(refOf(touched), { presented: first, minIntervalMs: 60_000 }),
    'sessions.touch with a random verifier': ({ sessions }) => sessions.touch(refOf(touched), { presented: random }),
    'sessions.touch with a retired verifier': ({ sessions }) => sessions.touch(refOf(reused), { presented: first }),
    'sessions.update': ({ sessions }) => sessions.update(refOf(updated), 1, { data: { word }, idleTimeoutMs: 1000 }),
    'sessions.update at another version': ({ sessions }) => sessions.update(refOf(updated), 9, { data: { word } }),
    'sessions.rotate': ({ sessions }) =>
      sessions.rotate(refOf(rotated), { presented: first, next: third, graceMs: 0, reauthenticated: true }),
    'sessions.revoke': ({ sessions }) => sessions.revoke(refOf(revoked), `reason-${word}`),
    'sessions.list of a subject': ({ sessions }) => sessions.list(owner, { limit: 2 }),
    'sessions.list of a tenant': ({ sessions }) => sessions.list({ tenantId }, { limit: 2 }),
    'sessions.revokeWhere': ({ sessions }) => sessions.revokeWhere({ ...owner, exceptId: read.id }, `reason-${word}`),
  };
}
