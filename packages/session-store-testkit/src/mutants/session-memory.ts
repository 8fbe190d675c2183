import type { NewSession, SessionRecord, SessionStore, StoreBackend } from '@mooring/session-store';

export const keyOf = ({ tenantId, id }: { readonly tenantId: string; readonly id: string }): string =>
  `${tenantId}\n${id}`;

/** Lets other callers in between a check and an act. */
export const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export interface SessionMemory {
  readonly created: Map<string, NewSession>;
  readonly seen: Map<string, SessionRecord>;
}

export const sessionMemory = (): SessionMemory => ({ created: new Map(), seen: new Map() });

/** Remembers what was created and what each session looked like when it was last seen. */
export function remembering(
  sessions: SessionStore,
  { created, seen }: SessionMemory = sessionMemory(),
): SessionMemory & Pick<SessionStore, 'create'> {
  return {
    created,
    seen,
    async create(session, options) {
      const result = await sessions.create(session, options);
      if (result.ok) {
        created.set(keyOf(session), structuredClone(session));
        seen.set(keyOf(session), result.value);
      }
      return result;
    },
  };
}

export function timeOf(store: StoreBackend): Promise<number> {
  return store.ping().then(({ serverTime }) => serverTime ?? Date.now());
}
