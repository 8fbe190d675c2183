import type { Clock, SessionRef, StoreBackend } from '@mooring/session-store';
import type { ConformanceHarness } from './harness.ts';

/** Why an adapter gives the kit no such thing. Shown where its checks would be, and in the table. */
export interface LeftOut {
  readonly reason: string;
}

/** Something that an adapter gives the kit, or the reason why not. */
export type Given<T extends object> = T | LeftOut;

export interface OpenOptions {
  readonly namespace: string;
  /** Decides all deadlines; the client's own clock, or its server's, where there is none. */
  readonly clock?: Clock;
}

/** What the backend really holds, past the adapter. Everything is asked of one namespace. */
export interface RawAccess {
  /** All that is held, as text: names, keys and values. Whatever changes in the backend changes the text. */
  readonly dump: Given<(namespace: string) => Promise<string>>;
  /**
   * How many entries (rows, keys, members, …) will be held `laterMs` from now by the backend's own clock, if nobody
   * uses them: what the backend collects by itself until then does not count.
   */
  readonly size: Given<(namespace: string, laterMs: number) => Promise<number>>;
  /** Makes the stored record of a session unreadable, as a bug or a disk would. */
  readonly damageSession: Given<(namespace: string, ref: SessionRef) => Promise<void>>;
  /** Takes a session out of the index behind lists, and leaves the session. */
  readonly dropIndexEntry: Given<(namespace: string, ref: SessionRef) => Promise<void>>;
}

/** A client whose commands are counted. */
export interface CountedClient {
  readonly store: StoreBackend;
  /** Commands that it has sent so far, retries included; what the driver sends to keep its connection is none. */
  sent(): number | Promise<number>;
}

export interface WireAccess {
  open(options: OpenOptions): Promise<CountedClient>;
  /** Operations that may take more than one command, by name, with the reason. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** A line to the backend that breaks on request. */
export interface FaultLine {
  /** A client that reaches the backend over this line only. Its limits on waiting should be short. */
  open(options: OpenOptions): Promise<StoreBackend>;
  /** Breaks what is connected, and every new connection, until `heal`. */
  cut(): void;
  /** Connections stay, nothing passes, until `heal`. */
  hang(): void;
  /** What passes takes `ms` longer in each direction, until `heal`. */
  delay(ms: number): void;
  heal(): void;
  /** Connections over the line now. */
  connections(): number;
  close(): Promise<void>;
}

/** A backend on which nothing was ever opened. */
export interface PristineBackend {
  open(options: OpenOptions): Promise<StoreBackend>;
  remove(): Promise<void>;
}

/** What a harness may give beyond clients. Each may be left out, with a reason. */
export interface HarnessPowers {
  readonly raw?: Given<RawAccess>;
  /** Counts what is sent. */
  readonly wire?: Given<WireAccess>;
  /** A line between the kit's clients and the backend. */
  readonly faults?: Given<() => Promise<FaultLine>>;
  readonly pristine?: Given<() => Promise<PristineBackend>>;
  /** What the clients of this harness wrote to the log that they were given, line by line. */
  readonly logs?: Given<() => readonly string[]>;
}

interface PowerOf {
  readonly shared: true;
  readonly 'raw.dump': (namespace: string) => Promise<string>;
  readonly 'raw.size': (namespace: string, laterMs: number) => Promise<number>;
  readonly 'raw.damageSession': (namespace: string, ref: SessionRef) => Promise<void>;
  readonly 'raw.dropIndexEntry': (namespace: string, ref: SessionRef) => Promise<void>;
  readonly wire: WireAccess;
  readonly faults: () => Promise<FaultLine>;
  readonly pristine: () => Promise<PristineBackend>;
  readonly logs: () => readonly string[];
}

/** What a check can't do without. */
export type Need = keyof PowerOf;
export type Power<N extends Need> = PowerOf[N];

export const NEEDS: readonly Need[] = [
  'shared',
  'raw.dump',
  'raw.size',
  'raw.damageSession',
  'raw.dropIndexEntry',
  'wire',
  'faults',
  'pristine',
  'logs',
];

/** What the harness gives for a need, or why it does not. */
export function powerOf<N extends Need>(harness: ConformanceHarness, need: N): Given<Power<N> & object> {
  return found(harness, need) as Given<Power<N> & object>;
}

function found(harness: ConformanceHarness, need: Need): object {
  if (need === 'shared') {
    return harness.capabilities.shared ? {} : { reason: 'its clients share nothing' };
  }
  const [name, member] = need.split('.') as [keyof HarnessPowers, keyof RawAccess | undefined];
  const power = harness[name];
  if (power === undefined) return { reason: `its harness says nothing of \`${name}\`` };
  return isLeftOut(power) || member === undefined ? power : (power as RawAccess)[member];
}

export function isLeftOut(power: object): power is LeftOut {
  return 'reason' in power;
}
