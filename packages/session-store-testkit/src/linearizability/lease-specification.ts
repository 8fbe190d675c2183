import type { Specification } from './call.ts';

/** A lease of this or longer does not end by itself while a history is recorded; a shorter one may. */
export const LONG_MS = 3_600_000;

export type LeaseAsked =
  | { readonly do: 'acquire'; readonly holder: string; readonly ttlMs: number }
  | { readonly do: 'renew'; readonly holder: string; readonly token: number; readonly ttlMs: number }
  | { readonly do: 'release'; readonly holder: string; readonly token: number }
  /** What the lease protects is told the token: a sweep with it as its fence. */
  | { readonly do: 'fence'; readonly token: number };

export type LeaseAnswer =
  | { readonly token: number; readonly expiresAt: number }
  | { readonly done: true }
  | { readonly refused: string };

export interface LeaseState {
  readonly held: null | {
    readonly holder: string;
    /** Null when nobody was told. */
    readonly token: number | null;
    /** By the store's clock; null when nobody was told. */
    readonly expiresAt: number | null;
    readonly isBrief: boolean;
  };
  /** The highest token that anybody was told. */
  readonly given: number;
  /** A token was given out that nobody was told. */
  readonly hasUntold: boolean;
  /** The highest token that was a fence. */
  readonly fenced: number;
}

type Held = NonNullable<LeaseState['held']>;

function isRefused(answer: LeaseAnswer | undefined, reason: string): boolean {
  return answer !== undefined && 'refused' in answer && answer.refused === reason;
}

function termOf(answer: LeaseAnswer | undefined): { token: number; expiresAt: number } | undefined {
  return answer !== undefined && 'token' in answer ? answer : undefined;
}

/** Whether a lease may be over at a time of the store, and whether it may still last then. */
function standing({ isBrief, expiresAt }: Held, at: number | undefined): { mayBeOver: boolean; mayLast: boolean } {
  if (at === undefined || expiresAt === null) return { mayBeOver: isBrief, mayLast: true };
  return { mayBeOver: at >= expiresAt, mayLast: at < expiresAt };
}

function acquired(
  state: LeaseState,
  { holder, ttlMs }: Extract<LeaseAsked, { readonly do: 'acquire' }>,
  answer: LeaseAnswer | undefined,
): readonly LeaseState[] {
  const { held, given } = state;
  if (isRefused(answer, 'held')) return held !== null && held.holder !== holder ? [state] : [];
  const term = termOf(answer);
  if (answer !== undefined && term === undefined) return [];
  const { mayBeOver, mayLast } =
    held === null
      ? { mayBeOver: true, mayLast: false }
      : standing(held, term === undefined ? undefined : term.expiresAt - ttlMs);
  const taken = { holder, token: term?.token ?? null, expiresAt: term?.expiresAt ?? null, isBrief: ttlMs < LONG_MS };
  const states: LeaseState[] = [];
  if (mayBeOver && (term === undefined || term.token > given)) {
    const hasUntold = state.hasUntold || term === undefined;
    states.push({ ...state, held: taken, given: term?.token ?? given, hasUntold });
  }
  if (held?.holder === holder && mayLast) {
    const keeps = term === undefined || term.token === held.token || (held.token === null && term.token > given);
    const token = term?.token ?? held.token;
    if (keeps) states.push({ ...state, held: { ...taken, token }, given: Math.max(given, token ?? 0) });
  }
  return states;
}

/** A lease with a fencing token. Of a brief one that is lost, only the store knows when. */
export const leaseSpecification: Specification<LeaseState, LeaseAsked, LeaseAnswer> = {
  initial: { held: null, given: 0, hasUntold: false, fenced: 0 },
  after(state, asked, answer) {
    const { held, given, hasUntold, fenced } = state;
    if (asked.do === 'acquire') return acquired(state, asked, answer);
    if (asked.do === 'fence') {
      if (isRefused(answer, 'stale')) return asked.token < Math.max(given, fenced) || hasUntold ? [state] : [];
      if (answer !== undefined && 'refused' in answer) return [];
      return asked.token >= fenced ? [{ ...state, fenced: asked.token }] : [];
    }
    const mine = held !== null && held.holder === asked.holder && held.token === asked.token ? held : null;
    if (isRefused(answer, 'lost')) return mine === null || mine.isBrief ? [state] : [];
    if (mine === null || (answer !== undefined && 'refused' in answer)) return [];
    if (asked.do === 'release') return [{ ...state, held: null }];
    const term = termOf(answer);
    const isBrief = asked.ttlMs < LONG_MS;
    if (answer === undefined) return [{ ...state, held: { ...mine, expiresAt: null, isBrief } }];
    if (term?.token !== asked.token || !standing(mine, term.expiresAt - asked.ttlMs).mayLast) return [];
    return [{ ...state, held: { ...mine, expiresAt: term.expiresAt, isBrief } }];
  },
};
