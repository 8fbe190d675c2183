import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { StoreError, systemClock } from '@mooring/session-store';
import type { Clock, SessionRef, StoreBackend, StoreErrorCode, StoreOutcome } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import type { MemoryStore } from '@mooring/store-memory';
import type { ConformanceHarness } from './harness.ts';
import type { FaultLine, OpenOptions } from './powers.ts';

const PORTS = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;
/** The longest that a client waits for an answer. */
const TIMEOUT_MS = 60;

function failure(operation: string, code: StoreErrorCode, outcome: StoreOutcome = 'not_applied'): StoreError {
  return new StoreError({ code, outcome, operation, backend: 'memory', message: `simulated: ${code}` });
}

/** The clients of one namespace share a store. A call is done at the time of the client that makes it. */
class Server {
  readonly damaged = new Set<string>();
  readonly store: MemoryStore;
  private clock: Clock;

  constructor(namespace: string, clock: Clock) {
    this.clock = clock;
    const after = (delayMs: number, callback: () => void) => clock.after(delayMs, callback);
    this.store = createMemoryStore({ namespace, clock: { now: () => this.clock.now(), after } });
  }

  at(clock: Clock): MemoryStore {
    this.clock = clock;
    return this.store;
  }

  /** A list fails with any record that it can't read. */
  refuseDamaged(operation: string, args: readonly unknown[]): void {
    if (!operation.startsWith('sessions.') || operation === 'sessions.create') return;
    const { id } = args[0] as { readonly id?: string };
    const reads = operation === 'sessions.list' ? this.damaged.size > 0 : id !== undefined && this.damaged.has(id);
    if (reads) throw failure(operation, 'corrupt');
  }
}

/** What is between a client and the server. */
class SimulatedLine {
  state: 'whole' | 'cut' | 'hung' = 'whole';
  delayMs = 0;
  readonly clients = new Set<SimulatedClient>();
  private cuts = 0;

  cut(): void {
    this.state = 'cut';
    this.cuts++;
  }

  heal(): void {
    this.state = 'whole';
    this.delayMs = 0;
  }

  async carry<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const cuts = this.cuts;
    await this.pass(operation, cuts, 'not_applied');
    const answer = await call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await this.pass(operation, cuts, 'unknown');
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  private async pass(operation: string, cuts: number, outcome: StoreOutcome): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (this.state === 'hung') {
      await sleep(TIMEOUT_MS);
      throw failure(operation, 'timeout', 'unknown');
    }
    if (this.state === 'cut' || this.cuts !== cuts) throw failure(operation, 'unavailable', outcome);
  }
}

class SimulatedClient {
  sent = 0;
  private isClosed = false;

  constructor(
    private readonly server: Server,
    private readonly line: SimulatedLine,
    private readonly clock: Clock,
    private readonly namespace: string,
  ) {
    line.clients.add(this);
  }

  get backend(): StoreBackend {
    const { store } = this.server;
    const ports = PORTS.map((port) => [port, this.portOf(port)]);
    return {
      name: store.name,
      capabilities: { ...store.capabilities, shared: true },
      ...(Object.fromEntries(ports) as Pick<StoreBackend, (typeof PORTS)[number]>),
      sweep: (request) => this.call('sweep', [request], (on) => on.sweep(request)),
      ping: () => this.call('ping', [], (on) => on.ping()),
      close: async () => {
        this.isClosed = true;
        this.line.clients.delete(this);
      },
    };
  }

  private portOf(port: (typeof PORTS)[number]): unknown {
    return new Proxy(this.server.store[port], {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) =>
          this.call(`${port}.${String(name)}`, args, (on) => {
            return Reflect.apply(method, on[port], args) as Promise<unknown>;
          });
      },
    });
  }

  private async call<T>(
    operation: string,
    args: readonly unknown[],
    call: (on: StoreBackend) => Promise<T>,
  ): Promise<T> {
    if (this.isClosed) throw failure(operation, 'closed');
    await this.validate(call);
    this.sent++;
    return this.line.carry(operation, () => {
      this.server.refuseDamaged(operation, args);
      return call(this.server.at(this.clock));
    });
  }

  /** As adapters do, arguments are looked at before anything is sent: here by a store that nobody uses. */
  private async validate(call: (on: StoreBackend) => Promise<unknown>): Promise<void> {
    const unused = createMemoryStore({ namespace: this.namespace, clock: STILL });
    await call(unused).catch((error: StoreError) => {
      if (error.code === 'invalid_argument' || error.code === 'too_large') throw error;
    });
  }
}

const STILL: Clock = { now: () => 0, after: () => () => {} };

/** All that the store holds, row by row. */
function dumpOf(store: MemoryStore): string {
  const rows = PORTS.map((port) => {
    const { entries } = (store[port] as unknown as { rows: { entries: Map<string, { row: unknown }> } }).rows;
    return [...entries].map(([key, { row }]) => [key, row]);
  });
  return inspect(rows, { depth: Infinity, maxArrayLength: null });
}

/**
 * The memory store as if it were a server with clients, over lines that break: what the kit and its mutants are tried
 * on. It gives all that a harness can give.
 */
export function simulatedHarness(): ConformanceHarness {
  const servers = new Map<string, Server>();
  const serverOf = ({ namespace, clock = systemClock }: OpenOptions): Server => {
    const server = servers.get(namespace) ?? new Server(namespace, clock);
    servers.set(namespace, server);
    return server;
  };
  const openedOn = (line: SimulatedLine, options: OpenOptions): SimulatedClient =>
    new SimulatedClient(serverOf(options), line, options.clock ?? systemClock, options.namespace);
  const whole = new SimulatedLine();
  return {
    name: 'simulated',
    capabilities: { ...createMemoryStore().capabilities, shared: true },
    open: async (options) => openedOn(whole, options).backend,
    floodKeys: 2000,
    raw: {
      dump: async (namespace) => dumpOf(serverOf({ namespace }).store),
      size: async (namespace) => serverOf({ namespace }).store.usage.entries,
      damageSession: async (namespace, { id }: SessionRef) => void serverOf({ namespace }).damaged.add(id),
      dropIndexEntry: { reason: 'a record and its places in the indexes change in one turn of the process' },
    },
    wire: {
      async open(options) {
        const client = openedOn(whole, options);
        return { store: client.backend, sent: () => client.sent };
      },
    },
    async faults() {
      const line = new SimulatedLine();
      return {
        async open(options) {
          await line.carry('open', async () => {});
          return openedOn(line, options).backend;
        },
        cut: () => line.cut(),
        hang: () => void (line.state = 'hung'),
        delay: (ms) => void (line.delayMs = ms),
        heal: () => line.heal(),
        connections: () => line.clients.size,
        close: async () => {},
      } satisfies FaultLine;
    },
    async pristine() {
      const line = new SimulatedLine();
      return { open: async (options) => openedOn(line, options).backend, remove: async () => {} };
    },
    logs: () => [],
  };
}
