import type { Checks } from '../harness.ts';

/** A check that was named because a published store has failed it. */
export interface NamedCheck {
  /** What is true of a store that passes. */
  readonly says: string;
  /** Why no store adapter can be asked, and who is asked instead. */
  readonly elsewhere?: { readonly reason: string; readonly guard: string };
}

export const NAMED_CHECKS = {
  'S-01': { says: 'a late write does not bring a dead session back, and creates nothing' },
  'S-02': { says: 'of n updates at one version exactly one wins' },
  'S-03': { says: 'of n creations with one id exactly one wins' },
  'S-04': { says: 'of n rotations with one verifier exactly one wins, the others are superseded' },
  'S-05': { says: 'a retired verifier after the grace ends the session, a random one does not' },
  'S-06': { says: 'a touch never moves the idle deadline past the absolute one' },
  'S-07': { says: 'a touch within the least interval writes nothing' },
  'S-08': { says: 'alive one millisecond before the deadline, dead at it, from 1 ms to 400 days' },
  'S-09': { says: 'a deadline that is over already, or none at all, is refused' },
  'S-10': { says: 'what has expired is never read, whether or not the backend has collected it' },
  'S-11': { says: 'what is written anew survives those who find its predecessor expired' },
  'S-12': { says: 'expired sessions leave the lists at once, and every index within a sweep' },
  'S-13': { says: 'ending all sessions also ends those that an index lost, and logins under way' },
  'S-14': { says: 'n creations at once never pass the maximum of live sessions' },
  'S-15': { says: 'another tenant with the same ids sees and changes nothing' },
  'S-16': { says: 'a namespace that looks like a pattern reaches no other' },
  'S-17': { says: 'a damaged record is an error of its own, not a missing session, and stops nobody else' },
  'S-18': { says: 'what was given and what is answered are copies' },
  'S-19': { says: 'no verifier in the backend, no value in an error, a log or the output' },
  'L-01': { says: 'accepted times satisfy t[i + limit] - t[i] >= window, over all processes' },
  'L-02': { says: 'a caller at exactly the rate is never refused' },
  'L-03': { says: 'the retry at the time that was said succeeds, a millisecond before it fails' },
  'L-04': { says: 'a key whose window is over leaves nothing' },
  'L-05': { says: 'the same calls get the same answers from every store' },
  'L-06': { says: 'a retry with the same id counts once, also after a line that was cut' },
  'A-01': { says: 'address, account and both are counted, each by its own policy; a success clears the account only' },
  'A-02': { says: 'a flood of 10,000 keys leaves the store at its size before' },
  'A-03': {
    says: 'addresses of one network are one key',
    elsewhere: {
      reason: 'a store counts the keys that it is given',
      guard: 'packages/auth-tokens/src/client-address.spec.ts',
    },
  },
  'B-01': { says: 'settled and reserved never pass a limit under n reservations at once; all scopes or none' },
  'B-02': { says: 'a lost reservation returns, a late settlement is recorded, a replay changes nothing' },
  'B-03': { says: 'calendar months, changes of the clocks and a clock that is set back' },
  'E-01': { says: 'two holders never overlap, and a stale one is refused' },
  'W-01': { says: 'sweeps are bounded and never delete what lives, also several at once' },
  'W-02': { says: 'a store in which nearly all is dead drains' },
  'F-01': { says: 'a backend that is away, breaks or hangs: typed errors in time, then business as usual' },
  'F-02': {
    says: 'a fallback is never triggered by an outcome, warns once and returns by itself',
    elsewhere: { reason: 'one store has nothing to fall back to', guard: 'packages/store-failover' },
  },
  'F-03': { says: 'of 200 calls over a hung line each ends, and none keeps a connection' },
  'F-04': { says: 'a first opening that failed is not remembered; 8 clients open at once' },
  'N-01': {
    says: 'a near cache shows no revoked session for longer than it says',
    elsewhere: {
      reason: 'a store answers from its backend and keeps nothing beside it',
      guard: 'packages/auth-tokens/src/cached-tokens.spec.ts',
    },
  },
} as const satisfies Readonly<Record<string, NamedCheck>>;

export type CheckId = keyof typeof NAMED_CHECKS;

const IDS = /^([A-Z]-\d\d(?:, [A-Z]-\d\d)*): /;

/** The ids at the start of a check's name. */
export function idsOf(checkName: string): readonly string[] {
  return IDS.exec(checkName)?.[1]?.split(', ') ?? [];
}

export interface NamedIn {
  readonly topic: string;
  readonly check: string;
}

/** The checks that carry an id, in the order of the topics. */
export function checksOf(id: string, topics: Readonly<Record<string, Checks>>): readonly NamedIn[] {
  return Object.entries(topics).flatMap(([topic, checks]) =>
    Object.keys(checks)
      .filter((check) => idsOf(check).includes(id))
      .map((check) => ({ topic, check })),
  );
}
