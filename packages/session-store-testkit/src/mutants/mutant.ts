import type { StoreBackend } from '@mooring/session-store';
import type { ConformanceHarness } from '../harness.ts';

/** A store with one deliberate fault. A kit that passes it proves nothing. */
export interface Mutant {
  readonly name: string;
  breaks(harness: ConformanceHarness): ConformanceHarness;
}

type Port = 'sessions' | 'limits' | 'attempts' | 'budgets' | 'leases' | 'pool';

/** The port with some of its operations replaced; the others go to the port as it is. */
export function replaced<T extends object>(port: T, operations: Partial<T>): T {
  return new Proxy(port, {
    get(target, name) {
      if (Object.hasOwn(operations, name)) return operations[name as keyof T];
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** A mutant that replaces operations of one port. State of the fault lives as long as a client. */
export function portMutant<P extends Port>(
  name: string,
  port: P,
  fault: (port: StoreBackend[P], store: StoreBackend) => Partial<StoreBackend[P]>,
): Mutant {
  return clientMutant(name, (store) => ({ [port]: replaced(store[port], fault(store[port], store)) }));
}

/** A mutant that replaces ports, or operations of the backend itself. */
export function clientMutant(name: string, fault: (store: StoreBackend) => Partial<StoreBackend>): Mutant {
  return {
    name,
    breaks: (harness) => ({
      ...harness,
      name: `${harness.name}, ${name}`,
      async open(options) {
        const store = await harness.open(options);
        return replaced(store, fault(store));
      },
    }),
  };
}

/** A mutant whose time is not the one that it was given. */
export function clockMutant(name: string, wrong: (now: number) => number): Mutant {
  return {
    name,
    breaks: (harness) => ({
      ...harness,
      name: `${harness.name}, ${name}`,
      async open({ namespace, clock }) {
        if (clock === undefined) return harness.open({ namespace });
        const wrongClock = { now: () => wrong(clock.now()), after: clock.after.bind(clock) };
        return harness.open({ namespace, clock: wrongClock });
      },
    }),
  };
}
