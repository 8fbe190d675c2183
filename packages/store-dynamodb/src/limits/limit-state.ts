import type { EpochMs, LimitDecision, LimitRule } from '@mooring/session-store';
import { corrupt } from '../errors.ts';
import type { Item } from '../table/item.ts';

/** What a call with an id was answered. */
export interface Answered {
  readonly id: string;
  readonly at: EpochMs;
  readonly remaining: number;
}

export interface LimitState {
  /** When units were taken, newest first; some out of the window may be among them. */
  readonly taken: readonly EpochMs[];
  readonly answered: readonly Answered[];
  /** Names the write that left this, null where there is no item. */
  readonly stamp: string | null;
}

export const NOTHING_TAKEN: LimitState = { taken: [], answered: [], stamp: null };

export function limitStateOf(operation: string, item: Item | undefined): LimitState {
  if (item === undefined) return NOTHING_TAKEN;
  const { taken, answered = '[]', stamp } = item;
  if (!Array.isArray(taken) || !taken.every(isTime) || typeof answered !== 'string' || typeof stamp !== 'string') {
    throw corrupt(operation, 'a limit lacks a part');
  }
  let answers: unknown;
  try {
    answers = JSON.parse(answered);
  } catch {
    throw corrupt(operation, 'the answers of a limit are not JSON');
  }
  if (!Array.isArray(answers)) throw corrupt(operation, 'the answers of a limit are no list');
  return { taken, answered: answers as readonly Answered[], stamp };
}

function isTime(value: unknown): value is EpochMs {
  return typeof value === 'number';
}

/** Now, or the newest unit where a clock is behind: units are never taken before those that were. */
export function timeFor({ taken }: LimitState, now: EpochMs): EpochMs {
  return Math.max(now, taken[0] ?? 0);
}

/** The units within the window that ends at `now`. */
export function within({ taken }: LimitState, { windowMs }: LimitRule, now: EpochMs): readonly EpochMs[] {
  const end = taken.findIndex((at) => now - at >= windowMs);
  return end === -1 ? taken : taken.slice(0, end);
}

export function replayOf(state: LimitState, rule: LimitRule, id: string, now: EpochMs): LimitDecision | undefined {
  const first = state.answered.find((answer) => answer.id === id && timeFor(state, now) - answer.at < rule.windowMs);
  return first === undefined ? undefined : allowed(rule, first.remaining, first.at);
}

export function refusalOf(state: LimitState, rule: LimitRule, cost: number, now: EpochMs): LimitDecision | undefined {
  const time = timeFor(state, now);
  const used = within(state, rule, time);
  const missing = used.length + cost - rule.limit;
  if (missing <= 0) return undefined;
  // The oldest units that must leave the window for the cost to fit.
  const last = used[used.length - missing] ?? time;
  return {
    allowed: false,
    limit: rule.limit,
    remaining: rule.limit - used.length,
    retryAfterMs: last + rule.windowMs - now,
    resetAt: resetAtOf(used, rule, now),
  };
}

export function allowed(rule: LimitRule, remaining: number, at: EpochMs): LimitDecision {
  return { allowed: true, limit: rule.limit, remaining, retryAfterMs: 0, resetAt: at + rule.windowMs };
}

export function resetAtOf(used: readonly EpochMs[], rule: LimitRule, now: EpochMs): EpochMs {
  const [newest] = used;
  return newest === undefined ? now : newest + rule.windowMs;
}
