import type { StoreBackend } from '@mooring/session-store';
import type { ConformanceHarness } from '../harness.ts';
import { isLeftOut } from '../powers.ts';
import type { FaultLine, HarnessPowers, OpenOptions, RawAccess } from '../powers.ts';

/** A store with one deliberate fault. A kit that passes it proves nothing. */
export interface Mutant {
  readonly name: string;
  breaks(harness: ConformanceHarness): ConformanceHarness;
}

type Port = 'sessions' | 'limits' | 'attempts' | 'budgets' | 'leases' | 'pool';
type Open = (options: OpenOptions) => Promise<StoreBackend>;

/** The port, or any object, with some of its members replaced; the others go to it as it is. */
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
  return openMutant(name, (open) => async (options) => {
    const store = await open(options);
    return replaced(store, fault(store));
  });
}

/** As `portMutant`, with a state of the fault that all clients of a namespace have in common. */
export function namespaceMutant<P extends Port, S>(
  name: string,
  port: P,
  begin: () => S,
  fault: (port: StoreBackend[P], state: S) => Partial<StoreBackend[P]>,
): Mutant {
  return openMutant(name, (open) => {
    const states = new Map<string, S>();
    return async (options) => {
      const store = await open(options);
      const state = states.get(options.namespace) ?? begin();
      states.set(options.namespace, state);
      return replaced<StoreBackend>(store, { [port]: replaced(store[port], fault(store[port], state)) });
    };
  });
}

/** A mutant whose time is not the one that it was given. */
export function clockMutant(name: string, wrong: (now: number) => number): Mutant {
  return openMutant(name, (open) => ({ namespace, clock }) => {
    if (clock === undefined) return open({ namespace });
    const wrongClock = { now: () => wrong(clock.now()), after: clock.after.bind(clock) };
    return open({ namespace, clock: wrongClock });
  });
}

/** A mutant whose clients are all opened in another way: those behind lines, and those that are counted, too. */
export function openMutant(name: string, wrap: (open: Open) => Open): Mutant {
  return {
    name,
    breaks: (harness) => ({
      ...harness,
      ...openedBy(harness, wrap),
      name: `${harness.name}, ${name}`,
      open: wrap((options) => harness.open(options)),
    }),
  };
}

/** A mutant that keeps more entries than it is said to: `left` counts them by namespace. */
export function sizeMutant(
  name: string,
  fault: (store: StoreBackend, left: { entries: number }) => Partial<StoreBackend>,
): Mutant {
  return {
    name,
    breaks(harness) {
      const left = new Map<string, { entries: number }>();
      const leftIn = (namespace: string): { entries: number } => {
        const found = left.get(namespace) ?? { entries: 0 };
        left.set(namespace, found);
        return found;
      };
      const broken = openMutant(name, (open) => async (options) => {
        const store = await open(options);
        return replaced(store, fault(store, leftIn(options.namespace)));
      }).breaks(harness);
      return {
        ...broken,
        ...withSize(harness, (size) => async (namespace, laterMs) => {
          return (await size(namespace, laterMs)) + leftIn(namespace).entries;
        }),
      };
    },
  };
}

function openedBy(harness: ConformanceHarness, wrap: (open: Open) => Open): HarnessPowers {
  const { wire, faults, pristine } = harness;
  return {
    ...(wire === undefined || isLeftOut(wire)
      ? {}
      : {
          wire: {
            ...wire,
            async open(options: OpenOptions) {
              const client = await wire.open(options);
              return { store: await wrap(async () => client.store)(options), sent: () => client.sent() };
            },
          },
        }),
    ...(faults === undefined || isLeftOut(faults) ? {} : { faults: async () => onLine(await faults(), wrap) }),
    ...(pristine === undefined || isLeftOut(pristine)
      ? {}
      : {
          async pristine() {
            const backend = await pristine();
            return { open: wrap((options) => backend.open(options)), remove: () => backend.remove() };
          },
        }),
  };
}

function onLine(line: FaultLine, wrap: (open: Open) => Open): FaultLine {
  return { ...line, open: wrap((options) => line.open(options)) };
}

type Size = Exclude<RawAccess['size'], { readonly reason: string }>;

function withSize({ raw }: ConformanceHarness, wrap: (size: Size) => Size): HarnessPowers {
  if (raw === undefined || isLeftOut(raw) || isLeftOut(raw.size)) return {};
  return { raw: { ...raw, size: wrap(raw.size) } };
}
