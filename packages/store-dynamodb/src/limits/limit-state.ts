import type { EpochMs, LimitDecision, LimitRule } from '@mooring/session-store';
import type { DocumentKind } from '../documents/documents.ts';
import { corrupt } from '../errors.ts';

/** What a call with an id was answered. */
interface Answered {
  readonly id: string;
  readonly at: EpochMs;
  readonly remaining: number;
}

export interface LimitState {
  /** When units were taken, newest first; some out of the window may be among them. */
  readonly taken: readonly EpochMs[];
  readonly answered: readonly Answered[];
  /** Of the rule, for when all of it is garbage. */
  readonly windowMs: number;
}

export const LIMITS: DocumentKind<LimitState> = {
  empty: { taken: [], answered: [], windowMs: 0 },
  isMostlyNew: true,
  weight: ({ taken, answered }) => taken.length + answered.length + 5,
  remembered: 200_000,
  read(operation, { taken, answered = '[]' }) {
    if (!Array.isArray(taken) || !taken.every(Number.isFinite) || typeof answered !== 'string') {
      throw corrupt(operation, 'a limit lacks a part');
    }
    return { taken: taken as readonly EpochMs[], answered: answersOf(operation, answered), windowMs: 0 };
  },
  attributes: ({ taken, answered }) => ({
    taken,
    answered: JSON.stringify(answered.map(({ id, at, remaining }) => [id, at, remaining])),
  }),
  deadline: ({ taken: [newest = 0], windowMs }) => newest + windowMs,
};

function answersOf(operation: string, json: string): readonly Answered[] {
  try {
    const rows = JSON.parse(json) as readonly (readonly [string, EpochMs, number])[];
    return rows.map(([id, at, remaining]) => ({ id, at, remaining }));
  } catch {
    throw corrupt(operation, 'the answers of a limit are no list');
  }
}

/** Now, or the newest unit where a clock is behind: units are never taken before those that were. */
export function timeFor({ taken }: LimitState, now: EpochMs): EpochMs {
  return Math.max(now, taken[0] ?? 0);
}

/** The units within the window that ends at `time`, newest first. */
export function within({ taken }: LimitState, { windowMs }: LimitRule, time: EpochMs): readonly EpochMs[] {
  const end = taken.findIndex((at) => time - at >= windowMs);
  return end === -1 ? taken : taken.slice(0, end);
}

/** The state with the units taken, and without what is out of the window. */
export function took(
  state: LimitState,
  rule: LimitRule,
  cost: number,
  id: string | undefined,
  now: EpochMs,
): readonly [LimitState, LimitDecision] {
  const at = timeFor(state, now);
  const taken = [...unitsOf(at, cost), ...within(state, rule, at)];
  const remaining = rule.limit - taken.length;
  const lasting = state.answered.filter((answer) => at - answer.at < rule.windowMs);
  const answered = id === undefined ? lasting : [...lasting, { id, at, remaining }];
  return [{ taken, answered, windowMs: rule.windowMs }, allowed(rule, remaining, at)];
}

export function unitsOf(at: EpochMs, cost: number): readonly EpochMs[] {
  return Array.from({ length: cost }, () => at);
}

/** What a call with this id was answered in the window. */
export function replayOf(
  state: LimitState,
  rule: LimitRule,
  id: string | undefined,
  now: EpochMs,
): LimitDecision | undefined {
  if (id === undefined) return undefined;
  const first = state.answered.find((answer) => answer.id === id && timeFor(state, now) - answer.at < rule.windowMs);
  return first === undefined ? undefined : allowed(rule, first.remaining, first.at);
}

export function refusalOf(state: LimitState, rule: LimitRule, cost: number, now: EpochMs): LimitDecision | undefined {
  const time = timeFor(state, now);
  const used = within(state, rule, time);
  const missing = used.length + cost - rule.limit;
  if (missing <= 0) return undefined;
  // So many of the oldest units must leave the window.
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
