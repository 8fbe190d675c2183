import * as fc from 'fast-check';

interface OnSession {
  readonly subject: 'ann' | 'bob';
  readonly number: number;
}

export type SessionCommand =
  | (OnSession & { readonly do: 'get' })
  | (OnSession & { readonly do: 'revoke' })
  | (OnSession & {
      readonly do: 'create';
      readonly idleTimeoutMs: number;
      readonly lifetimeMs: number;
      readonly maxPerSubject: number | null;
      readonly evict: boolean;
    })
  | (OnSession & {
      readonly do: 'touch';
      /** Which verifier is presented, counted from the current one; -1 none, 9 a random one. */
      readonly verifier: number;
      readonly graceMs: number;
      readonly minIntervalMs: number;
    })
  | (OnSession & {
      readonly do: 'update';
      /** How far off the expected version is. */ readonly off: number;
      readonly idleTimeoutMs: number | null;
    })
  | (OnSession & {
      readonly do: 'rotate';
      readonly verifier: number;
      readonly graceMs: number;
      readonly reauthenticated: boolean;
    })
  | (OnSession & { readonly do: 'revokeWhere'; readonly spare: boolean })
  | { readonly do: 'list'; readonly subject: 'ann' | 'bob'; readonly limit: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const on = {
  subject: fc.constantFrom('ann' as const, 'ann' as const, 'bob' as const),
  number: fc.constantFrom(0, 0, 1, 2),
};
const durations = fc.constantFrom(2, 300, 1200, 5000, 5000, 40 * 86_400_000, 40 * 86_400_000);
const waits = fc.constantFrom(0, 1, 8, 9, 98, 298, 299, 990, 999, 1198, 1199, 5000);
const graces = fc.constantFrom(0, 10, 1000);
const verifiers = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 9);

const command: fc.Arbitrary<SessionCommand> = fc.oneof(
  fc.record({
    do: fc.constant('create' as const),
    ...on,
    idleTimeoutMs: durations,
    lifetimeMs: durations,
    maxPerSubject: fc.constantFrom(null, 1, 2),
    evict: fc.boolean(),
  }),
  fc.record({ do: fc.constant('get' as const), ...on }),
  fc.record({ do: fc.constant('revoke' as const), ...on }),
  fc.record({
    do: fc.constant('touch' as const),
    ...on,
    verifier: fc.oneof(verifiers, fc.constant(-1)),
    graceMs: graces,
    minIntervalMs: fc.constantFrom(0, 300),
  }),
  fc.record({
    do: fc.constant('update' as const),
    ...on,
    off: fc.constantFrom(0, 0, 0, 1, 2),
    idleTimeoutMs: fc.oneof(fc.constant(null), durations),
  }),
  fc.record({
    do: fc.constant('rotate' as const),
    ...on,
    verifier: verifiers,
    graceMs: graces,
    reauthenticated: fc.boolean(),
  }),
  fc.record({ do: fc.constant('revokeWhere' as const), ...on, spare: fc.boolean() }),
  fc.record({ do: fc.constant('list' as const), subject: on.subject, limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: waits }),
);

export const sessionCommands = fc.array(command, { minLength: 40, maxLength: 60, size: 'max' });
