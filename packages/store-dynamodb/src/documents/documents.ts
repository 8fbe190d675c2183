import { StoreError } from '@mooring/session-store';
import type { EpochMs, JsonValue } from '@mooring/session-store';
import { contended } from '../errors.ts';
import type { ItemKey } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import { newStamp } from '../stamp.ts';
import type { Item } from '../table/item.ts';
import { pause } from '../table/requests.ts';
import { collectAtOf, packed, unpacked } from './document-form.ts';
import { RecentlySeen } from './recently-seen.ts';

/** Documents of one kind: a state in an item of its own, changed whole. */
export interface DocumentKind<State> {
  readonly empty: State;
  /** Reads what `JSON.parse` made of a stored state. Throws a `StoreError` `corrupt` where it is none. */
  readonly read: (operation: string, stored: unknown) => State;
  readonly write: (state: State) => JsonValue;
  /** After this the state is garbage. */
  readonly deadline: (state: State) => EpochMs;
  /** Whether an item that this process never saw is probably not there. */
  readonly isMostlyNew: boolean;
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
}

interface Waiting<State> {
  readonly decide: Decide<State, unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_SEEN = 2000;
const MOST_AT_ONCE = 100;
const MOST_ROUNDS = 40;

/**
 * Compare-and-set on documents. Calls on one document that come together are decided one after the other and written
 * once. The first try is made on the state that this process saw last; a stamp in the condition tells whether it still
 * stands. An answer is given only when a read or a write has shown that.
 */
export class Documents<State> {
  private readonly seen = new RecentlySeen<Seen<State>>(MOST_SEEN);
  private readonly waiting = new Map<string, Waiting<State>[]>();

  constructor(
    private readonly table: DynamoTable,
    private readonly kind: DocumentKind<State>,
  ) {}

  /** `decide` is called again when somebody else was faster. */
  change<Answer>(operation: string, key: ItemKey, decide: Decide<State, Answer>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const call: Waiting<State> = { decide, resolve: (answer) => resolve(answer as Answer), reject };
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
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      if (seen === undefined && !isFresh && this.kind.isMostlyNew) seen = { stamp: null, state: this.kind.empty };
      if (seen === undefined) {
        seen = this.see(operation, key.pk, await this.table.get(operation, key));
        isFresh = true;
      }
      const now = this.table.now();
      const { state, settle } = decided(calls, seen.state, now);
      if (state === seen.state) {
        if (isFresh) return settle();
        seen = this.see(operation, key.pk, await this.table.get(operation, key));
        isFresh = true;
        continue;
      }
      const stamp = newStamp();
      const current = await this.write(operation, key, seen.stamp, { stamp, state }, now);
      if (current === 'written') return settle();
      seen = this.see(operation, key.pk, current);
      isFresh = true;
      // The answer to an earlier try was lost.
      if (seen.stamp === stamp) return settle();
      await pause(round);
    }
    throw contended(operation);
  }

  private async write(
    operation: string,
    key: ItemKey,
    before: string | null,
    { stamp, state }: Seen<State>,
    now: EpochMs,
  ): Promise<'written' | Item | undefined> {
    const written = await this.table.update(operation, {
      key,
      change: 'SET stamp = :stamp, doc = :doc, collectAt = :collectAt',
      when: before === null ? 'attribute_not_exists(stamp)' : 'stamp = :before',
      values: {
        stamp,
        before,
        doc: packed(this.kind.write(state)),
        collectAt: collectAtOf(Math.max(now, this.kind.deadline(state))),
      },
      answer: 'none',
    });
    if (!written.done) return written.current;
    this.seen.set(key.pk, { stamp, state });
    return 'written';
  }

  private see(operation: string, pk: string, item: Item | undefined): Seen<State> {
    const stamp = item?.['stamp'];
    const seen: Seen<State> =
      item === undefined || typeof stamp !== 'string'
        ? { stamp: null, state: this.kind.empty }
        : { stamp, state: this.kind.read(operation, unpacked(operation, item['doc'])) };
    this.seen.set(pk, seen);
    return seen;
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
