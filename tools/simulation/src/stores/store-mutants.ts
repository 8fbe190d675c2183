import { ok } from '@mooring/session-store';
import type {
  BudgetStore,
  Clock,
  LeaseStore,
  RateLimitStore,
  SessionRecord,
  SessionStore,
  StoreBackend,
} from '@mooring/session-store';
import type { Mutant, Sabotage } from '../kernel/scenario.ts';
import { replaced } from '@mooring/session-store-testkit';

const faulty = <Port extends 'sessions' | 'limits' | 'budgets' | 'leases'>(
  port: Port,
  fault: (port: StoreBackend[Port], store: StoreBackend) => Partial<StoreBackend[Port]>,
): Sabotage => ({
  store: (store) => replaced<StoreBackend>(store, { [port]: replaced(store[port], fault(store[port], store)) }),
});

const sessions = (fault: (port: SessionStore, store: StoreBackend) => Partial<SessionStore>): Sabotage =>
  faulty('sessions', fault);
const limits = (fault: (port: RateLimitStore) => Partial<RateLimitStore>): Sabotage => faulty('limits', fault);
const budgets = (fault: (port: BudgetStore) => Partial<BudgetStore>): Sabotage => faulty('budgets', fault);
const leases = (fault: (port: LeaseStore) => Partial<LeaseStore>): Sabotage => faulty('leases', fault);

/** Reads answer what was read before, as a cache would that nobody invalidates. */
function staleReads(port: SessionStore): Partial<SessionStore> {
  const seen = new Map<string, SessionRecord>();
  return {
    touch: async (ref, options) => {
      const known = seen.get(ref.id);
      if (known !== undefined && known.verifier === options?.presented)
        return ok({ session: known, superseded: false });
      const touched = await port.touch(ref, options);
      if (touched.ok) seen.set(ref.id, touched.value.session);
      return touched;
    },
  };
}

/** The holder's clock stands still while it waits for what it sent: it never sees that its lease is over. */
function stoppedClock(clock: Clock): Clock {
  const start = clock.now();
  return { now: () => start, after: (delayMs, callback) => clock.after(delayMs, callback) };
}

const PLANTED: Readonly<Record<string, Sabotage>> = {
  'the end of a session is acknowledged and not written': sessions(() => ({
    revoke: async () => ok({ revokedAt: 0 }),
  })),
  'the end of all sessions of a subject is acknowledged and not written': sessions(() => ({
    revokeWhere: async () => ({ notBefore: 0 }),
  })),
  'a process answers for a token from what it read before': sessions(staleReads),
  'a token that was replaced stays good for ever': sessions((port) => ({
    touch: (ref, options) => port.touch(ref, { ...options, graceMs: 300_000 }),
  })),
  'a deadline that has passed is not looked at': sessions((port) => ({
    create: async (session, options) => {
      const created = await port.create(session, options);
      return created.ok ? ok({ ...created.value, absoluteExpiresAt: created.value.createdAt + 3_000 }) : created;
    },
  })),
  'a session is found under another subject': sessions((port) => ({
    touch: async (ref, options) => {
      const touched = await port.touch(ref, options);
      return touched.ok && touched.value.session.subjectId === 'bob'
        ? ok({ ...touched.value, session: { ...touched.value.session, subjectId: 'ann' } })
        : touched;
    },
  })),
  'a session that was given out is not kept': sessions((port) => ({
    create: async (session, options) => {
      const created = await port.create(session, options);
      if (session.id.endsWith('A')) await port.revoke(session, 'lost');
      return created;
    },
  })),
  'a sweep takes a session that lives': {
    store: (store) =>
      replaced(store, {
        sweep: async (request) => {
          const { items } = await store.sessions.list({ tenantId: 'umbra' }, { limit: 1 });
          for (const item of items) await store.sessions.revoke(item, 'swept');
          return store.sweep(request);
        },
      }),
  },
  'a write looks at the version and then writes': sessions((port) => ({
    update: async (ref, version, patch) => {
      const found = await port.get(ref);
      return port.update(ref, found.ok ? found.value.version : version, patch);
    },
  })),
  'a budget is looked at and then spent': budgets((port) => ({
    reserve: async (request) => {
      const [usage] = await port.usage(request.tenantId, [request.scopes[0]?.name ?? '']);
      const fits = (usage?.settled ?? 0) + request.amount <= (request.scopes[0]?.limit ?? 0);
      const scopes = request.scopes.map((scope) => ({ ...scope, limit: scope.limit * (fits ? 10 : 1) }));
      return port.reserve({ ...request, scopes });
    },
  })),
  'a reservation settles each time that it is told to': budgets((port) => {
    const scopes = new Map<string, Parameters<BudgetStore['reserve']>[0]>();
    let again = 0;
    return {
      reserve: (request) => {
        scopes.set(request.reservationId, request);
        return port.reserve(request);
      },
      settle: async (ref, actual) => {
        const request = scopes.get(ref.reservationId);
        scopes.delete(ref.reservationId);
        if (request !== undefined) {
          const settled = await port.settle(ref, actual);
          scopes.set(`${ref.reservationId} again`, request);
          return settled;
        }
        const first = scopes.get(`${ref.reservationId} again`);
        if (first === undefined) return port.settle(ref, actual);
        const reservationId = `${ref.reservationId} ${++again}`;
        await port.reserve({ ...first, amount: 0, reservationId });
        return port.settle({ ...ref, reservationId }, actual);
      },
    };
  }),
  'a limit lets more through than it counts': limits((port) => ({
    consume: async (key, rule, options) => ({ ...(await port.consume(key, rule, options)), allowed: true }),
  })),
  'a lease is given to whoever asks': leases((port) => {
    let forged = 0;
    return {
      acquire: async (name, holder, ttlMs) => {
        const acquired = await port.acquire(name, holder, ttlMs);
        return acquired.ok ? acquired : ok({ name, holder, fencingToken: 1e15 + forged++, expiresAt: 9e15 });
      },
    };
  }),
  'fencing tokens do not grow': leases((port) => ({
    acquire: async (name, holder, ttlMs) => {
      const acquired = await port.acquire(name, holder, ttlMs);
      return acquired.ok ? ok({ ...acquired.value, fencingToken: 9e15 - acquired.value.fencingToken }) : acquired;
    },
  })),
  'a sweep does not look at its fencing token': {
    store: (store) =>
      replaced(store, {
        sweep: ({ target, limit, dryRun = false }) => store.sweep({ target, limit, dryRun }),
      }),
  },
  'a process believes in its lease by a clock that does not go on': { clock: stoppedClock },
  'a failure of the store comes as any error': sessions((port) => ({
    get: async (ref) => {
      const found = await port.get(ref);
      if (found.ok && Number(found.value.data['count']) % 7 === 6) throw new Error('something broke');
      return found;
    },
  })),
};

export const STORE_MUTANTS: readonly Mutant[] = Object.entries(PLANTED).map(([name, sabotage]) => ({
  name,
  scenario: 'stores',
  sabotage,
}));
