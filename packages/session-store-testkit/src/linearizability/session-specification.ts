import type { Specification } from './call.ts';

export type SessionAsked =
  /** With `replace: 'dead'`. */
  | { readonly do: 'create'; readonly value: string }
  | { readonly do: 'get' }
  | { readonly do: 'touch' }
  | { readonly do: 'update'; readonly expectedVersion: number; readonly value: string }
  | { readonly do: 'revoke' };

/** What was read or written, when it was revoked, or the reason of a refusal. */
export type SessionAnswer =
  | { readonly version: number; readonly value: string }
  | { readonly revokedAt: number }
  | { readonly refused: string };

export type SessionState = null | {
  readonly version: number;
  readonly value: string;
  /** Of a dead one; null when nobody was told. */
  readonly revoked: false | { readonly at: number | null };
};

function refusedAs(answer: SessionAnswer | undefined, reason: string): boolean {
  return answer !== undefined && 'refused' in answer && answer.refused === reason;
}

/** The state as a success that shows it, or that nobody saw. */
function shown(next: NonNullable<SessionState>, answer: SessionAnswer | undefined): readonly SessionState[] {
  if (answer === undefined) return [next];
  return 'version' in answer && answer.version === next.version && answer.value === next.value ? [next] : [];
}

function revoked(state: NonNullable<SessionState>, answer: SessionAnswer | undefined): readonly SessionState[] {
  const before = state.revoked === false ? null : state.revoked.at;
  if (answer === undefined) return state.revoked === false ? [{ ...state, revoked: { at: null } }] : [];
  if (!('revokedAt' in answer) || (before !== null && before !== answer.revokedAt)) return [];
  return [{ ...state, revoked: { at: answer.revokedAt } }];
}

/** A session as a register with compare-and-set: nothing expires, and only `create` takes the place of a dead one. */
export const sessionSpecification: Specification<SessionState, SessionAsked, SessionAnswer> = {
  initial: null,
  after(state, asked, answer) {
    if (asked.do === 'create') {
      const { value } = asked;
      if (state !== null && state.revoked === false) return refusedAs(answer, 'exists') ? [state] : [];
      return shown({ version: (state?.version ?? 0) + 1, value, revoked: false }, answer);
    }
    if (state === null) return refusedAs(answer, 'not_found') ? [state] : [];
    if (asked.do === 'revoke') return revoked(state, answer);
    if (state.revoked !== false) return refusedAs(answer, 'revoked') ? [state] : [];
    if (asked.do !== 'update') return answer === undefined ? [] : shown(state, answer);
    if (asked.expectedVersion !== state.version) return refusedAs(answer, 'conflict') ? [state] : [];
    return shown({ version: state.version + 1, value: asked.value, revoked: false }, answer);
  },
};
