import type { SessionData } from 'express-session';
import type { Operations, Visitor } from '../stores/contender.ts';
import { DATA, IDLE_TIMEOUT_MS } from '../stores/visitors.ts';

type Done = (error?: unknown, found?: unknown) => void;

/** What express-session asks of a store. */
export interface ExpressStore {
  get(id: string, done: Done): unknown;
  set(id: string, session: SessionData, done: Done): unknown;
  touch(id: string, session: SessionData, done: Done): unknown;
  destroy(id: string, done: Done): unknown;
}

/** A session of express-session with what ours hold. */
export function expressSession(): SessionData {
  const cookie = {
    originalMaxAge: IDLE_TIMEOUT_MS,
    expires: new Date(Date.now() + IDLE_TIMEOUT_MS),
    httpOnly: true,
    path: '/',
  };
  return { cookie, ...DATA };
}

function answered(run: (done: Done) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    run((error, found) => {
      if (error === undefined || error === null) resolve(found);
      else reject(error);
    });
  });
}

/** What express-session does: reads a session with each request, then touches it, or sets it when it was changed. */
export function expressOperations(
  store: ExpressStore,
): Pick<Operations, 'get' | 'touch' | 'create' | 'update' | 'revoke'> {
  const get = async ({ id }: Visitor): Promise<unknown> => {
    const found = await answered((done) => store.get(id, done));
    if (found === undefined || found === null) throw new Error('the peer did not find the session');
    return found;
  };
  const set = ({ id }: Visitor): Promise<unknown> => answered((done) => store.set(id, expressSession(), done));
  return {
    get,
    touch: async (visitor) => {
      const found = (await get(visitor)) as SessionData;
      return answered((done) => store.touch(visitor.id, found, done));
    },
    create: set,
    update: set,
    revoke: ({ id }) => answered((done) => store.destroy(id, done)),
  };
}
