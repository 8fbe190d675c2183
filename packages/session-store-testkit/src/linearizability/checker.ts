import type { Call, Specification } from './call.ts';

export type Verdict<Asked = unknown, Answer = unknown> =
  | { readonly is: 'linearizable' }
  | {
      readonly is: 'impossible';
      /** The first answer that no order explains. */
      readonly call: Call<Asked, Answer>;
      /** Every state that the thing could have been in before that answer, as far as the calls until then tell. */
      readonly states: readonly unknown[];
    }
  /** The orders to be tried were more than the limit. */
  | { readonly is: 'undecided'; readonly call: Call<Asked, Answer> };

export interface CheckLimits {
  /** How many states are looked at before the check gives up: about 2 us each. Default 1,000,000. */
  readonly maxStates?: number;
}

/** A state, and which of the calls under way have taken effect in it. */
interface Possibility<State> {
  readonly state: State;
  readonly done: readonly number[];
}

const MAX_STATES = 1_000_000;

function keyOf<State>({ state, done }: Possibility<State>): string {
  return `${done.join(' ')} ${JSON.stringify(state)}`;
}

/** Every call, with when it began and when it was answered, each in its order. */
function inOrder<Asked, Answer>(calls: readonly Call<Asked, Answer>[]) {
  const indexed = [...calls.entries()].map(([index, call]) => ({ index, call }));
  return {
    asked: indexed.toSorted((one, other) => one.call.begin - other.call.begin),
    answered: indexed
      .filter(({ call }) => call.end !== Infinity)
      .toSorted((one, other) => one.call.end - other.call.end),
  };
}

/**
 * Whether there is one order of the calls on one thing that explains what each came out as, in which a call that was
 * answered before another was asked comes first. Just-in-time linearization after Gavin Lowe, "Testing for
 * linearizability" (2017), on Wing and Gong's search: calls take effect no earlier than an answer needs it, and each
 * state with the same calls done is followed once. So the work grows with the calls that overlap, not with all.
 */
export function checkHistory<State, Asked, Answer>(
  specification: Specification<State, Asked, Answer>,
  calls: readonly Call<Asked, Answer>[],
  { maxStates = MAX_STATES }: CheckLimits = {},
): Verdict<Asked, Answer> {
  let left = maxStates;
  let possible: readonly Possibility<State>[] = [{ state: specification.initial, done: [] }];
  const { asked, answered } = inOrder(calls);
  const underWay = new Map<number, Call<Asked, Answer>>();
  let arrived = 0;
  for (const { index, call } of answered) {
    for (let next = asked[arrived]; next !== undefined && next.call.begin < call.end; next = asked[(arrived += 1)]) {
      underWay.set(next.index, next.call);
    }
    const seen = new Set<string>();
    const explained = new Map<string, Possibility<State>>();
    const waiting = [...possible];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const key = keyOf(one);
      if (seen.has(key)) continue;
      seen.add(key);
      if ((left -= 1) < 0) return { is: 'undecided', call };
      const { state, done } = one;
      if (done.includes(index)) {
        const without = { state, done: done.filter((other) => other !== index) };
        explained.set(keyOf(without), without);
        continue;
      }
      for (const [other, { asked: question, answer }] of underWay) {
        if (done.includes(other)) continue;
        for (const after of specification.after(state, question, answer)) {
          waiting.push({ state: after, done: [...done, other].sort((a, b) => a - b) });
        }
      }
    }
    if (explained.size === 0) return { is: 'impossible', call, states: possible.map(({ state }) => state) };
    possible = [...explained.values()];
    underWay.delete(index);
  }
  return { is: 'linearizable' };
}
