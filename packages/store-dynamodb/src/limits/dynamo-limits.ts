import type {
  ConsumeOptions,
  EpochMs,
  LimitDecision,
  LimitKey,
  LimitRule,
  RateLimitStore,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { collectAtOf } from '../documents/document-form.ts';
import { RecentlySeen } from '../documents/recently-seen.ts';
import { contended, uncertain } from '../errors.ts';
import type { ItemKey, Keys } from '../keys.ts';
import { newStamp } from '../stamp.ts';
import type { DynamoTable, Written } from '../table/dynamo-table.ts';
import { pause } from '../table/requests.ts';
import {
  NOTHING_TAKEN,
  allowed,
  limitStateOf,
  refusalOf,
  replayOf,
  resetAtOf,
  timeFor,
  within,
} from './limit-state.ts';
import type { LimitState } from './limit-state.ts';

/** Each unit within the window is a number in a list, about nine bytes. */
const MOST_UNITS = 10_000;
/** How many units beyond the limit the list may hold before somebody cuts it. */
const SPARE = 32;
const MOST_SEEN = 2000;
/** Longer lists are not kept in memory. */
const MOST_REMEMBERED = 500;
const MOST_ROUNDS = 40;

interface Taking {
  readonly operation: string;
  readonly key: ItemKey;
  readonly rule: LimitRule;
  readonly cost: number;
  readonly id: string | undefined;
}

/**
 * Exact sliding windows. The times of the units are a list, newest first, so that whether a unit fits is a condition on
 * one place of it: the unit before as many as the limit must be out of the window. Such a call adds to the list without
 * knowing it. A call with an id, and one that finds the list too long, writes it whole, by compare-and-set.
 */
export class DynamoLimits implements RateLimitStore {
  private readonly seen = new RecentlySeen<LimitState>(MOST_SEEN);

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async consume(limitKey: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    const key = this.validate(operation, limitKey, rule);
    this.validation.integer(operation, 'cost', cost, 1, Math.max(rule.limit, 1));
    if (id !== undefined) this.validation.text(operation, 'id', id);
    const taking: Taking = { operation, key, rule, cost, id };
    let state = this.seen.get(key.pk);
    let isFresh = false;
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const now = this.table.now();
      const known = state ?? NOTHING_TAKEN;
      const answer =
        (id === undefined ? undefined : replayOf(known, rule, id, now)) ?? refusalOf(known, rule, cost, now);
      if (answer !== undefined) {
        if (isFresh) return answer;
        state = await this.read(operation, key);
        isFresh = true;
        continue;
      }
      const at = timeFor(known, now);
      const whole = id !== undefined || known.taken.length + cost > rule.limit + SPARE;
      const stamp = newStamp();
      const written = await (whole ? this.rewrite(taking, known, at, stamp) : this.add(taking, at, stamp));
      const after = this.note(operation, key, written);
      if (written.done || after.stamp === stamp) return allowed(rule, rule.limit - within(after, rule, at).length, at);
      if (written.isUncertain) throw uncertain(operation);
      state = after;
      isFresh = true;
      if (whole && round > 1) {
        await pause(round);
        state = await this.take(operation, key);
      }
    }
    throw contended(operation);
  }

  async peek(limitKey: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    const state = await this.read(operation, this.validate(operation, limitKey, rule));
    const now = this.table.now();
    const used = within(state, rule, timeFor(state, now));
    return (
      refusalOf(state, rule, 1, now) ?? {
        ...allowed(rule, rule.limit - used.length, now),
        resetAt: resetAtOf(used, rule, now),
      }
    );
  }

  async reset(limitKey: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    const key = this.validate(operation, limitKey, rule);
    await this.table.remove(operation, key);
    this.seen.delete(key.pk);
  }

  /** Without an id nothing tells a second try from another call, so it is not tried again when its answer was lost. */
  private add({ operation, key, rule, cost }: Taking, at: EpochMs, stamp: string): Promise<Written> {
    const { limit, windowMs } = rule;
    const fits = `(attribute_not_exists(taken[${limit - cost}]) OR taken[${limit - cost}] <= :cut)`;
    return this.table.update(operation, {
      key,
      change: 'SET taken = list_append(:units, if_not_exists(taken, :none)), stamp = :stamp, collectAt = :collectAt',
      when: `attribute_not_exists(taken) OR (taken[0] <= :at AND ${fits} AND attribute_not_exists(taken[${limit + SPARE}]))`,
      values: {
        units: units(at, cost),
        none: [],
        stamp,
        at,
        cut: at - windowMs,
        collectAt: collectAtOf(at + windowMs),
      },
      repeat: 'never',
    });
  }

  private rewrite(
    { operation, key, rule, cost, id }: Taking,
    known: LimitState,
    at: EpochMs,
    stamp: string,
  ): Promise<Written> {
    const taken = [...units(at, cost), ...within(known, rule, at)];
    const lasting = known.answered.filter((answer) => at - answer.at < rule.windowMs);
    const answered = id === undefined ? lasting : [...lasting, { id, at, remaining: rule.limit - taken.length }];
    return this.table.update(operation, {
      key,
      change: 'SET taken = :taken, answered = :answered, stamp = :stamp, collectAt = :collectAt',
      when: known.stamp === null ? 'attribute_not_exists(stamp)' : 'stamp = :before',
      values: {
        taken,
        answered: JSON.stringify(answered),
        stamp,
        before: known.stamp,
        collectAt: collectAtOf(at + rule.windowMs),
      },
    });
  }

  /** Puts a stamp of this process on the list, so that others who write it whole must look again. */
  private async take(operation: string, key: ItemKey): Promise<LimitState> {
    const written = await this.table.update(operation, {
      key,
      change: 'SET stamp = :stamp',
      when: 'attribute_exists(stamp)',
      values: { stamp: newStamp() },
    });
    return this.note(operation, key, written);
  }

  private async read(operation: string, key: ItemKey): Promise<LimitState> {
    return this.remember(key, limitStateOf(operation, await this.table.get(operation, key)));
  }

  private note(operation: string, key: ItemKey, written: Written): LimitState {
    return this.remember(key, limitStateOf(operation, written.done ? written.item : written.current));
  }

  private remember(key: ItemKey, state: LimitState): LimitState {
    if (state.taken.length <= MOST_REMEMBERED) this.seen.set(key.pk, state);
    else this.seen.delete(key.pk);
    return state;
  }

  private validate(operation: string, key: LimitKey, rule: LimitRule): ItemKey {
    this.validation.text(operation, 'tenantId', key.tenantId);
    this.validation.text(operation, 'name', key.name);
    this.validation.integer(operation, 'limit', rule.limit, 0, MOST_UNITS);
    this.validation.duration(operation, 'windowMs', rule.windowMs);
    return this.keys.limit(key, rule);
  }
}

function units(at: EpochMs, cost: number): readonly EpochMs[] {
  return Array.from({ length: cost }, () => at);
}
