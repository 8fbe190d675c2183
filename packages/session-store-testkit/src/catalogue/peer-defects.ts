import type { CheckId } from './named-checks.ts';

interface Defect {
  readonly peer: string;
  readonly defect: string;
}

/** A defect that a store can have: mutants have it, and checks with these ids find each of them. */
export interface StoreDefect extends Defect {
  readonly mutants: readonly [string, ...string[]];
  readonly foundBy: readonly [CheckId, ...CheckId[]];
}

/** A defect that no store can have, or none that a caller can see. */
export interface ForeignDefect extends Defect {
  readonly elsewhere: { readonly reason: string; readonly guard: string };
}

export type PeerDefect = StoreDefect | ForeignDefect;

/** Defects of published stores, reproduced or read in their sources: what the kit must find. */
export const PEER_DEFECTS: readonly PeerDefect[] = [
  {
    peer: 'express-session, MemoryStore',
    defect: 'lost update: of two readers who write, the first change is gone',
    mutants: ['update ignores the version', 'update checks the version, then acts'],
    foundBy: ['S-02'],
  },
  {
    peer: 'express-session, connect-redis',
    defect: 'a session is alive again when it is saved after it was destroyed',
    mutants: ['an update brings a revoked session back', 'a touch brings a dead session back'],
    foundBy: ['S-01'],
  },
  {
    peer: 'express-session, MemoryStore',
    defect: '50,001 expired sessions are held until somebody reads them',
    mutants: ['what is dead stays until somebody reads it'],
    foundBy: ['S-12', 'L-04'],
  },
  {
    peer: 'connect-redis',
    defect: 'expiry is rounded up to whole seconds',
    mutants: ['expiry is rounded up to whole seconds'],
    foundBy: ['S-08'],
  },
  {
    peer: 'connect-dynamodb',
    defect: 'a touch after the end creates a ghost of a session',
    mutants: ['a touch creates what is not there'],
    foundBy: ['S-01'],
  },
  {
    peer: 'connect-dynamodb',
    defect: 'deadlines are no whole numbers',
    mutants: ['deadlines have fractions of a millisecond'],
    foundBy: ['S-08'],
  },
  {
    peer: 'rate-limiter-flexible, memory',
    defect: 'a window of more than 24.8 days admits everything',
    mutants: ['a window of more than 24.8 days is none'],
    foundBy: ['L-05'],
  },
  {
    peer: 'rate-limiter-flexible, Redis',
    defect: 'a window of less than a second blocks for ever',
    mutants: ['a window of less than a second never ends'],
    foundBy: ['L-05'],
  },
  {
    peer: 'rate-limiter-flexible, DynamoDB',
    defect: 'in a window of 0 the counter is always 1',
    mutants: ['a window of 0 is taken, and nothing counts in it'],
    foundBy: ['S-09'],
  },
  {
    peer: 'rate-limiter-flexible, DynamoDB',
    defect: 'any error of the first attempt is taken for a refusal',
    mutants: ['any failure is taken for a refusal'],
    foundBy: ['F-01'],
  },
  {
    peer: 'rate-limiter-flexible, better-auth, nest-lab, rate-limit-redis',
    defect: 'twice the limit at the edge of a window',
    mutants: ['a window is fixed, not sliding'],
    foundBy: ['L-01'],
  },
  {
    peer: 'Keyv, postgres',
    defect: 'reading an expired value deletes what was written meanwhile',
    mutants: ['reading deletes what has expired, whatever is there by then'],
    foundBy: ['S-11'],
  },
  {
    peer: 'Spring Session, minute store',
    defect: 'the first member of a minute leaves a set that never expires',
    mutants: ['the first entry of each minute is never collected'],
    foundBy: ['S-12'],
  },
  {
    peer: 'Spring Session',
    defect: 'an index member stays when its session was gone before the event',
    mutants: ['an index entry stays when its session is gone'],
    foundBy: ['S-12'],
  },
  {
    peer: 'connect-typeorm',
    defect: 'ending a session is acknowledged before it is done',
    mutants: ['revoking answers before it is done'],
    foundBy: ['S-01'],
  },
  {
    peer: 'better-auth',
    defect: 'pruning looks at all keys on every request',
    elsewhere: {
      reason: 'what an answer costs inside of a store is not to be seen from outside',
      guard: 'packages/store-memory/src/table.spec.ts',
    },
  },
  {
    peer: 'express-session',
    defect: 'with the store down, requests go on without a session',
    elsewhere: {
      reason: 'a store can only say that it is down; who goes on is the middleware',
      guard: 'packages/express-session-store/src/web-app.spec.ts',
    },
  },
  {
    peer: 'cache-manager',
    defect: 'a write that nobody waits for: its failure is an unhandled rejection',
    mutants: ['a write is answered before it is done'],
    foundBy: ['F-01'],
  },
  {
    peer: '@fastify/session, MemoryStore',
    defect: 'the live object is kept, and never expires',
    mutants: ['records are answered by reference', 'a session never expires'],
    foundBy: ['S-18', 'S-08'],
  },
  {
    peer: '@nestjs/throttler and nest-lab, better-auth and its Redis path',
    defect: 'one configuration, a sliding window in memory and a fixed one in Redis',
    mutants: ['a window is fixed, not sliding', 'an empty window is free again at the epoch'],
    foundBy: ['L-05'],
  },
];
