import type { SessionStore, StoreBackend } from '@mooring/session-store';
import { replaced } from '@mooring/session-store-testkit';

/**
 * The store with each reading done three times: the first makes marks, the second keeps a copy, the third is answered by
 * it. So that a check that reads once sees what a copy answers.
 */
export function warmed(store: StoreBackend): StoreBackend {
  const { sessions } = store;
  const get: SessionStore['get'] = async (ref) => {
    await sessions.get(ref);
    await sessions.get(ref);
    return sessions.get(ref);
  };
  const touch: SessionStore['touch'] = async (ref, options) => {
    const result = await sessions.touch(ref, options);
    if ((options?.minIntervalMs ?? 0) === 0 || !result.ok) return result;
    await sessions.touch(ref, options);
    return sessions.touch(ref, options);
  };
  return replaced(store, { sessions: replaced(sessions, { get, touch }) });
}
