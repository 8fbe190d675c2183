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
import { Documents } from '../documents/documents.ts';
import type { ItemKey, Keys } from '../keys.ts';
import { newStamp } from '../stamp.ts';
import type { DynamoTable, Written } from '../table/dynamo-table.ts';
import { LIMITS, allowed, refusalOf, replayOf, resetAtOf, timeFor, took, unitsOf, within } from './limit-state.ts';
import type { LimitState } from './limit-state.ts';

/** How many units beyond the limit the list may hold before it is cut. */
const SPARE = 32;

/**
 * Exact sliding windows. The times of the units are a list, newest first, so that whether a unit fits is a condition on
 * one place of it: the unit before as many as the limit must be out of the window. Such a call adds to the list without
 * knowing it, whatever other processes do meanwhile. A call with an id, and one that finds the list too long, changes it
 * as a document.
 */
export class DynamoLimits implements RateLimitStore {
  private readonly lists: Documents<LimitState>;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {
    this.lists = new Documents(table, LIMITS);
  }

  async consume(limitKey: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    this.validation.consumption(operation, limitKey, rule, options);
    const key = this.keys.limit(limitKey, rule);
    if (id === undefined) {
      const known = this.lists.last(key) ?? LIMITS.empty;
      const now = this.table.now();
      const isLong = known.taken.length + cost > rule.limit + SPARE;
      if (!isLong && refusalOf(known, rule, cost, now) === undefined) {
        const at = timeFor(known, now);
        const written = await this.add(operation, key, rule, cost, at);
        const state = this.lists.note(operation, key, written.done ? written.item : written.current);
        if (written.done) return allowed(rule, rule.limit - within(state, rule, at).length, at);
        const refusal = refusalOf(state, rule, cost, this.table.now());
        if (refusal !== undefined) return refusal;
      }
    }
    return this.lists.change(operation, key, (state, now) => {
      const answer = replayOf(state, rule, id, now) ?? refusalOf(state, rule, cost, now);
      if (answer !== undefined) return { answer };
      const [next, decision] = took(state, rule, cost, id, now);
      return { answer: decision, next };
    });
  }

  async peek(limitKey: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    this.validation.limit(operation, limitKey, rule);
    const state = await this.lists.read(operation, this.keys.limit(limitKey, rule));
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
    this.validation.limit(operation, limitKey, rule);
    const key = this.keys.limit(limitKey, rule);
    await this.table.remove(operation, key);
    this.lists.forget(key.pk);
  }

  /** Nothing tells a second try from another call, so it is not tried again when its answer was lost. */
  private add(operation: string, key: ItemKey, rule: LimitRule, cost: number, at: EpochMs): Promise<Written> {
    const { limit, windowMs } = rule;
    const fits = `(attribute_not_exists(taken[${limit - cost}]) OR taken[${limit - cost}] <= :cut)`;
    const inOrder = 'taken[0] <= :at';
    const isShort = `attribute_not_exists(taken[${limit + SPARE}])`;
    return this.table.update(operation, {
      key,
      change: 'SET taken = list_append(:units, if_not_exists(taken, :none)), stamp = :stamp, collectAt = :collectAt',
      when: `attribute_not_exists(turn) AND (attribute_not_exists(taken) OR (${inOrder} AND ${fits} AND ${isShort}))`,
      values: {
        units: unitsOf(at, cost),
        none: [],
        stamp: newStamp(),
        at,
        cut: at - windowMs,
        collectAt: collectAtOf(at + windowMs),
      },
      repeat: 'never',
    });
  }
}
