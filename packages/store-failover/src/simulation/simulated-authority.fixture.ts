import { StoreError } from '@mooring/session-store';
import type { Ping, SessionRecord, SessionStore, StoreBackend } from '@mooring/session-store';
import type { VirtualTime } from './virtual-time.fixture.ts';

export interface AuthorityLine {
  /** Until then no call of this process gets through. */
  brokenUntil: number;
  /** What was answered to touches that wrote. */
  readonly written: WeakSet<SessionRecord>;
}

type Touched = Awaited<ReturnType<SessionStore['touch']>>;
type Call = (...args: unknown[]) => Promise<unknown>;

/** The authority as one process reaches it: late, sometimes not at all, sometimes without hearing the answer. */
export function simulatedAuthority(
  authority: StoreBackend,
  time: VirtualTime,
  random: () => number,
  line: AuthorityLine,
): StoreBackend {
  const failure = (operation: string, outcome: 'unknown' | 'not_applied'): StoreError =>
    new StoreError({ code: 'unavailable', message: 'simulated', backend: 'memory', operation, outcome });
  const overLine = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    if (time.now < line.brokenUntil) {
      await time.sleep(random() * 20);
      throw failure(operation, 'not_applied');
    }
    await time.sleep(random() ** 3 * 30);
    const outcome = await call().then(
      (answer) => () => answer,
      (error: unknown) => () => {
        throw error;
      },
    );
    await time.sleep(random() ** 3 * 30);
    if (time.now < line.brokenUntil || random() < 0.01) throw failure(operation, 'unknown');
    return outcome();
  };
  const sessions = new Proxy(authority.sessions, {
    get: (target, name: keyof SessionStore) => {
      const call = (target[name] as Call).bind(target);
      return (...args: unknown[]) =>
        overLine(`sessions.${name}`, async () => {
          const { serverTime } = await authority.ping();
          const answer = await call(...args);
          if (name === 'touch') note(answer as Touched, serverTime, line);
          return answer;
        });
    },
  });
  return {
    ...authority,
    name: authority.name,
    capabilities: { ...authority.capabilities, clock: 'server' },
    sessions,
    sweep: (request) => overLine('sweep', () => authority.sweep(request)),
    ping: () => overLine<Ping>('ping', () => authority.ping()),
    close: async () => {},
  };
}

function note(answer: Touched, time: number | null, line: AuthorityLine): void {
  if (answer.ok && answer.value.session.lastSeenAt === time) line.written.add(answer.value.session);
}
