import { StoreError, ok, refused } from '@mooring/session-store';
import type { SessionRecord, StoreBackend } from '@mooring/session-store';
import { clientMutant, openMutant, portMutant, replaced } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { pause } from './session-memory.ts';

const PORTS = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** A mutant that does something around every operation. */
function everyOperation(name: string, around: (store: StoreBackend) => (call: Call) => Call): Mutant {
  return clientMutant(name, (store) => {
    const wrap = around(store);
    const wrapped = (target: object): object =>
      new Proxy(target, {
        get(_, member) {
          const found: unknown = Reflect.get(target, member);
          if (typeof found !== 'function') return found;
          return wrap((...args) => Reflect.apply(found, target, args) as Promise<unknown>);
        },
      });
    return {
      ...Object.fromEntries(PORTS.map((port) => [port, wrapped(store[port])])),
      sweep: wrap((request) => store.sweep(request as never)) as StoreBackend['sweep'],
      ping: wrap(() => store.ping()) as StoreBackend['ping'],
    };
  });
}

/** A mutant that answers or throws something else where an operation fails. */
function everyFailure(name: string, instead: (error: StoreError, args: readonly unknown[]) => unknown): Mutant {
  return everyOperation(name, () => (call) => async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      if (error instanceof StoreError && error.code !== 'closed') return instead(error, args);
      throw error;
    }
  });
}

const away = ({ code }: StoreError): boolean => code === 'unavailable' || code === 'timeout';

/** The error with something else in it. */
function changed(error: StoreError, change: Partial<StoreError>): StoreError {
  const { code, backend, operation, outcome, retryable, cause } = error;
  const message = error.message.slice(error.message.indexOf(': ') + 2);
  return new StoreError({ code, backend, operation, outcome, retryable, message, cause, ...change });
}

export const FAULT_MUTANTS: readonly Mutant[] = [
  everyFailure('any failure is taken for a refusal', (error) => {
    if (!away(error)) throw error;
    return refused('not_found');
  }),

  everyFailure('errors are those of the driver', (error) => {
    throw away(error) ? new Error('ECONNRESET') : error;
  }),

  everyFailure('what passes by itself is said to be final', (error) => {
    throw away(error) ? changed(error, { retryable: false }) : error;
  }),

  everyFailure('what may have counted is said not to have', (error) => {
    throw changed(error, { outcome: 'not_applied' });
  }),

  everyFailure('a call over a hung line waits for ever', (error) => {
    if (error.code !== 'timeout') throw error;
    return new Promise(() => {});
  }),

  everyFailure('an error has the statement in it', (error, args) => {
    throw changed(error, { message: `while running ${JSON.stringify(args)}` });
  }),

  everyFailure('the cause of an error has the values in it', (error, args) => {
    throw changed(error, { cause: Object.assign(new Error('driver'), { parameters: args }) });
  }),

  portMutant('a failure is printed with what was asked', 'sessions', (sessions) => ({
    revoke: (ref, reason) =>
      sessions.revoke(ref, reason).catch((error: Error) => {
        process.stderr.write(`a session was not ended (${reason})\n`);
        throw error;
      }),
  })),

  everyOperation('a connection that broke stays broken', () => {
    let broken: unknown;
    return (call) =>
      async (...args) => {
        if (broken !== undefined) throw broken;
        try {
          return await call(...args);
        } catch (error) {
          if (error instanceof StoreError && away(error)) broken = error;
          throw error;
        }
      };
  }),

  everyOperation('each call that times out keeps its place in the pool', ({ name }) => {
    let places = 100;
    return (call) =>
      async (...args) => {
        if (places <= 0) {
          throw new StoreError({
            code: 'throttled',
            backend: name,
            operation: 'any',
            message: 'no connection is free',
          });
        }
        try {
          return await call(...args);
        } catch (error) {
          if (error instanceof StoreError && error.code === 'timeout') places -= 1;
          throw error;
        }
      };
  }),

  portMutant('a write is answered before it is done', 'sessions', (sessions) => ({
    async create(session, options) {
      void sessions.create(session, options);
      return ok({ ...session, version: 1 } as unknown as SessionRecord);
    },
  })),

  portMutant('a call whose answer was lost is sent again behind the back', 'limits', (limits) => ({
    async consume(key, rule, options = {}) {
      const { id: _, ...once } = options;
      try {
        return await limits.consume(key, rule, once);
      } catch (error) {
        const lost = error instanceof StoreError && error.outcome === 'unknown';
        return lost ? await limits.consume(key, rule, options) : Promise.reject(error as Error);
      }
    },
  })),

  openMutant('an opening that failed is remembered', (open) => {
    let failed: Promise<StoreBackend> | undefined;
    return async (options) => {
      if (failed !== undefined) return failed;
      try {
        return await open(options);
      } catch (error) {
        failed = Promise.reject(error);
        return failed;
      }
    };
  }),

  openMutant('only one client opens at a time', (open) => {
    let opening = false;
    return async (options) => {
      if (opening) {
        const backend = (await open(options)).name;
        throw new StoreError({ code: 'conflict', backend, operation: 'open', message: 'the tables exist already' });
      }
      opening = true;
      try {
        const store = await open(options);
        await pause();
        return store;
      } finally {
        opening = false;
      }
    };
  }),

  openMutant('closing leaves the connection open', (open) => async (options) => {
    const store = await open(options);
    let closed = false;
    const gate = (port: object): object =>
      new Proxy(port, {
        get(target, member) {
          const found: unknown = Reflect.get(target, member);
          if (typeof found !== 'function') return found;
          return (...args: unknown[]) =>
            closed
              ? Promise.reject(
                  new StoreError({ code: 'closed', backend: store.name, operation: 'any', message: 'closed' }),
                )
              : (Reflect.apply(found, target, args) as unknown);
        },
      });
    const ports = Object.fromEntries(PORTS.map((port) => [port, gate(store[port])]));
    return gate(replaced(store, { ...ports, close: async () => void (closed = true) })) as StoreBackend;
  }),
];
