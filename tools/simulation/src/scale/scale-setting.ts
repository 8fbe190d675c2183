import type { Overflow } from '@mooring/redshift-sessions';

export interface ScaleSetting {
  readonly tenants: number;
  readonly processes: number;
  /** Statements a second, over all processes. */
  readonly perSecond: number;
  readonly keepAliveSeconds: number;
  readonly overflow: Overflow;
  /** The part of the account's calls that each process may use. */
  readonly quotaShare: number;
  /** Where a balancer sends a statement: to any process, or always to the same one of its tenant. */
  readonly balancer: 'any' | 'tenant';
  /** The most sessions over all processes. */
  readonly maxSessions: number;
  /** Before anything is measured, for sessions to open and to age. */
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
  readonly seed: number;
}

/** What statements of some tenants met. Milliseconds are those that a statement took beyond its run time. */
export interface Service {
  readonly statements: number;
  /** Parts of 1. */
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ScaleFigures extends Service {
  readonly setting: ScaleSetting;
  /** Parts of the statements that ran: on a session that was open, or without one. */
  readonly hits: number;
  readonly withoutSession: number;
  /** Over all processes. */
  readonly openedPerSecond: number;
  /** Open at the warehouse. */
  readonly openMean: number;
  readonly openMost: number;
  /** Calls of the store, renewals and looks included. */
  readonly storeCallsPerStatement: number;
  readonly storeCallsPerSecond: number;
  /** Of ExecuteStatement, also those that close sessions. */
  readonly submissionsPerSecond: number;
  readonly throttledPerSecond: number;
  /** Milliseconds that statements waited for a session. */
  readonly sessionWaitP99Ms: number;
  /** The tenth of the tenants with the most statements, and the half with the fewest. */
  readonly largest: Service;
  readonly smallest: Service;
}
