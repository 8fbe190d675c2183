import { StoreError } from '@mooring/session-store';
import type { EpochMs } from '@mooring/session-store';
import { contended, overdue, uncertain } from '../errors.ts';
import type { ItemKey } from '../keys.ts';
import type { DynamoTable, Written } from '../table/dynamo-table.ts';
import { newStamp } from '../stamp.ts';
import type { Item } from '../table/item.ts';
import { pause } from '../table/requests.ts';
import { collectAtOf } from './document-form.ts';
import { RecentlySeen } from './recently-seen.ts';

/** Documents of one kind: a state in an item of its own, changed whole. */
export interface DocumentKind<State> {
  readonly empty: State;
  /** Throws a `StoreError` `corrupt` where the item holds none. */
  readonly read: (operation: string, item: Item) => State;
  /** What the item holds of the state, besides its key, its stamp and its time to live. */
  readonly attributes: (state: State) => Readonly<Record<string, unknown>>;
  /** After this the state is garbage. */
  readonly deadline: (state: State) => EpochMs;
  /** Whether an item that this process never saw is probably not there. */
  readonly isMostlyNew: boolean;
  /** How much of the memory a state takes, of `remembered` in all. */
  readonly weight: (state: State) => number;
  readonly remembered: number;
}

/** What becomes of a state. Without `next` it stays. */
export interface Decision<State, Answer> {
  readonly answer: Answer;
  readonly next?: State;
}

export type Decide<State, Answer> = (state: State, now: EpochMs) => Decision<State, Answer>;

/** A state as it was seen, with the stamp of the write that made it; null where there was no item. */
interface Seen<State> {
  readonly stamp: string | null;
  readonly state: State;
  /** Whose turn it is, when somebody lost too often. */
  readonly turn?: string;
}

interface Waiting<State> {
  readonly decide: Decide<State, unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_AT_ONCE = 100;
/** The part of the time limit that others wait for somebody whose turn it is, who may have ended. */
const TURN = 0.1;

/**
 * Compare-and-set on documents. Calls on one document that come together are decided one after the other and written
 * once. The first try is made on the state that this process saw last; a stamp in the condition tells whether it still
 * stands. An answer is given only when a read or a write has shown that.
 */
export class Documents<State> {
  private readonly seen: RecentlySeen<Seen<State>>;
  private readonly waiting = new Map<string, Waiting<State>[]>();
  private readonly me = newStamp();

  constructor(
    private readonly table: DynamoTable,
    private readonly kind: DocumentKind<State>,
  ) {
    this.seen = new RecentlySeen(kind.remembered);
  }

  /**
   * `decide` is called again when somebody else was faster. Ends within twice the time limit of a request, however long
   * the line is.
   */
  change<Answer>(operation: string, key: ItemKey, decide: Decide<State, Answer>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const limitMs = 2 * this.table.limitMs;
      const timer = setTimeout(() => reject(overdue(operation, limitMs)), limitMs);
      const call: Waiting<State> = {
        decide,
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer as Answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const line = this.waiting.get(key.pk);
      if (line !== undefined) {
        line.push(call);
        return;
      }
      this.waiting.set(key.pk, [call]);
      void this.serve(operation, key);
    });
  }

  /** The states of some documents, with one request for up to 100 of them. */
  async readAll(operation: string, keys: readonly ItemKey[]): Promise<ReadonlyMap<string, State>> {
    const different = [...new Map(keys.map((key) => [key.pk, key])).values()];
    const items = new Map((await this.table.getAll(operation, different)).map((item) => [item['pk'], item]));
    const states = new Map<string, State>();
    for (const { pk } of different) {
      const seen = this.see(operation, pk, items.get(pk));
      states.set(pk, seen.state);
    }
    return states;
  }

  /** The item was removed, or changed by others: the next call looks first. */
  forget(pk: string): void {
    this.seen.delete(pk);
  }

  async read(operation: string, key: ItemKey): Promise<State> {
    return this.see(operation, key.pk, await this.table.get(operation, key)).state;
  }

  /** As this process saw it last. */
  last(key: ItemKey): State | undefined {
    return this.seen.get(key.pk)?.state;
  }

  /** Notes an item that came with the answer to another request. */
  note(operation: string, key: ItemKey, item: Item | undefined): State {
    return this.see(operation, key.pk, item).state;
  }

  private async serve(operation: string, key: ItemKey): Promise<void> {
    const line = this.waiting.get(key.pk) ?? [];
    while (line.length > 0) {
      await this.commitOrReject(operation, key, line.splice(0, MOST_AT_ONCE));
    }
    this.waiting.delete(key.pk);
  }

  private async commitOrReject(operation: string, key: ItemKey, calls: readonly Waiting<State>[]): Promise<void> {
    try {
      await this.commit(operation, key, calls);
    } catch (error) {
      this.seen.delete(key.pk);
      if (calls.length > 1 && error instanceof StoreError && error.code === 'too_large') {
        for (const call of calls) await this.commitOrReject(operation, key, [call]);
      } else {
        for (const { reject } of calls) reject(error);
      }
    }
  }

  private async commit(operation: string, key: ItemKey, calls: readonly Waiting<State>[]): Promise<void> {
    let seen = this.seen.get(key.pk);
    let isFresh = false;
    const until = performance.now() + this.table.limitMs;
    for (let round = 1; performance.now() < until; round++) {
      if (seen === undefined && !isFresh && this.kind.isMostlyNew) seen = { stamp: null, state: this.kind.empty };
      if (seen === undefined) {
        seen = this.see(operation, key.pk, await this.table.get(operation, key));
        isFresh = true;
      }
      const now = this.table.now();
      const { state, settle } = decided(calls, seen.state, now);
      if (state === seen.state) {
        if (isFresh) {
          settle();
          return this.pass(operation, key, seen);
        }
        seen = this.see(operation, key.pk, await this.table.get(operation, key));
        isFresh = true;
        continue;
      }
      if (seen.turn !== undefined && seen.turn !== this.me) {
        const { stamp } = seen;
        seen = await this.letGo(operation, key, seen);
        isFresh = true;
        if (seen.stamp !== stamp) continue;
      }
      const stamp = newStamp();
      const written = await this.write(operation, key, seen.stamp, { stamp, state }, now);
      if (written.done) return settle();
      seen = this.see(operation, key.pk, written.current);
      isFresh = true;
      // The answer to an earlier try was lost.
      if (seen.stamp === stamp) return settle();
      if (written.isUncertain) throw uncertain(operation);
      if (round > 1) {
        await pause(round);
        seen = await this.take(operation, key);
      }
    }
    throw contended(operation);
  }

  /**
   * Reads a document and takes the turn, so that a process that is always quicker than this one has to wait. The stamp
   * changes with it: who was about to write must look again.
   */
  private async take(operation: string, key: ItemKey): Promise<Seen<State>> {
    const written = await this.table.update(operation, {
      key,
      change: 'SET stamp = :stamp, turn = :me',
      when: 'attribute_exists(stamp) AND attribute_not_exists(turn)',
      values: { stamp: newStamp(), me: this.me },
    });
    return this.see(operation, key.pk, written.done ? written.item : written.current);
  }

  /** The document after somebody's turn, or as it was when that takes too long. */
  private async letGo(operation: string, key: ItemKey, seen: Seen<State>): Promise<Seen<State>> {
    const until = performance.now() + TURN * this.table.limitMs;
    let current = seen;
    while (current.stamp === seen.stamp && performance.now() < until) {
      await pause(1);
      current = this.see(operation, key.pk, await this.table.get(operation, key));
    }
    return current;
  }

  /** A turn that was not needed. */
  private async pass(operation: string, key: ItemKey, seen: Seen<State>): Promise<void> {
    if (seen.turn !== this.me) return;
    this.seen.delete(key.pk);
    const given = { key, change: 'SET stamp = :stamp REMOVE turn', when: 'turn = :me', current: false };
    await this.table.update(operation, { ...given, values: { stamp: newStamp(), me: this.me } }).catch(() => undefined);
  }

  private async write(
    operation: string,
    key: ItemKey,
    before: string | null,
    { stamp, state }: Seen<State>,
    now: EpochMs,
  ): Promise<Written> {
    const attributes = this.kind.attributes(state);
    const sets = Object.keys(attributes).map((name) => `, ${name} = :${name}`);
    const written = await this.table.update(operation, {
      key,
      change: `SET stamp = :stamp, collectAt = :collectAt${sets.join('')} REMOVE turn`,
      when: before === null ? 'attribute_not_exists(stamp)' : 'stamp = :before',
      values: {
        stamp,
        before,
        ...attributes,
        collectAt: collectAtOf(Math.max(now, this.kind.deadline(state))),
      },
      answer: 'none',
    });
    if (written.done) this.remember(key.pk, { stamp, state });
    return written;
  }

  private see(operation: string, pk: string, item: Item | undefined): Seen<State> {
    const stamp = item?.['stamp'];
    const turn = item?.['turn'];
    const seen: Seen<State> =
      item === undefined || typeof stamp !== 'string'
        ? { stamp: null, state: this.kind.empty }
        : { stamp, state: this.kind.read(operation, item), ...(typeof turn === 'string' ? { turn } : {}) };
    this.remember(pk, seen);
    return seen;
  }

  private remember(pk: string, seen: Seen<State>): void {
    this.seen.set(pk, seen, this.kind.weight(seen.state));
  }
}

/** The calls one after the other on a state. One that throws changes nothing and fails alone. */
function decided<State>(
  calls: readonly Waiting<State>[],
  before: State,
  now: EpochMs,
): { readonly state: State; readonly settle: () => void } {
  let state = before;
  const settlements = calls.map(({ decide, resolve, reject }) => {
    try {
      const { answer, next } = decide(state, now);
      state = next ?? state;
      return () => resolve(answer);
    } catch (error) {
      return () => reject(error);
    }
  });
  return { state, settle: () => settlements.forEach((settlement) => settlement()) };
}
