import { WarehouseError } from './errors.ts';

/** What to do with a statement when no session is free: wait in line, run on a connection of its own, or refuse. */
export type Overflow = 'wait' | 'ephemeral' | 'reject';

export interface WarehouseOptions {
  /** AWS Region; part of what sessions are pooled by. */
  readonly region: string;
  /** The most sessions per tenant, database and database identity, over all processes. */
  readonly maxSessionsPerKey: number;
  /** The most sessions of one cluster or workgroup, over all processes: a share of the service's 500. */
  readonly maxSessionsPerTarget: number;
  /** Idle seconds after which the service closes a session, counted from the end of its last statement. 1 to 86400. */
  readonly keepAliveSeconds: number;
  /** Part of the keep-alive, at its end, in which a session is not used any more. */
  readonly keepAliveMarginMs: number;
  /** How long after its keep-alive the service may take to close a session. */
  readonly reapDelayMs: number;
  /** Age at which a session is not used again. The service ends each after 24 h. */
  readonly maxLifetimeMs: number;
  /** How long a process holds a session without renewing; after a crash others may have it then. */
  readonly leaseTtlMs: number;
  readonly renewEveryMs: number;
  /** How long a process keeps an idle session to itself before others may have it. */
  readonly idleReturnMs: number;
  /** How long a closing session counts against the caps. */
  readonly drainMs: number;
  readonly overflow: Overflow;
  readonly waitTimeoutMs: number;
  /** The most statements that wait for a session of one key. */
  readonly maxWaiting: number;
  /** Run time after which a statement is cancelled, counted from its acceptance. */
  readonly statementTimeoutMs: number;
  /** What happens to a session that a statement left changed: close it, or undo what RESET can undo. */
  readonly dirtySessions: 'drain' | 'reset';
  /** Statements that each new session runs first, as one batch: `SET search_path TO …`. */
  readonly initStatements: readonly string[];
  /** How long to look for a statement whose acceptance is in doubt before it is reported as `outcome_unknown`. */
  readonly resolveUnknownMs: number;
  /** How long to wait for a service that throttles, is full or can't be reached. */
  readonly busyTimeoutMs: number;
  readonly unreachableTimeoutMs: number;
}

export const DEFAULTS: WarehouseOptions = {
  region: 'us-east-1',
  maxSessionsPerKey: 4,
  maxSessionsPerTarget: 400,
  keepAliveSeconds: 600,
  keepAliveMarginMs: 60_000,
  reapDelayMs: 60_000,
  maxLifetimeMs: 3_600_000,
  leaseTtlMs: 15_000,
  renewEveryMs: 4_000,
  idleReturnMs: 10_000,
  drainMs: 60_000,
  overflow: 'wait',
  waitTimeoutMs: 30_000,
  maxWaiting: 1_000,
  statementTimeoutMs: 300_000,
  dirtySessions: 'drain',
  initStatements: [],
  resolveUnknownMs: 30_000,
  busyTimeoutMs: 30_000,
  unreachableTimeoutMs: 3_000,
};

/** The keep-alive's last tenth, at least 5 s, but never more than half of it. */
export function defaultMarginMs(keepAliveSeconds: number): number {
  return Math.min(Math.max(5_000, keepAliveSeconds * 100), keepAliveSeconds * 500);
}

export function resolveOptions(given: Partial<WarehouseOptions>): WarehouseOptions {
  const keepAliveSeconds = given.keepAliveSeconds ?? DEFAULTS.keepAliveSeconds;
  const options = { ...DEFAULTS, keepAliveMarginMs: defaultMarginMs(keepAliveSeconds), ...given };
  const faults = [
    atLeast(options, 'maxSessionsPerKey', 1),
    atLeast(options, 'maxSessionsPerTarget', 1),
    atLeast(options, 'keepAliveSeconds', 1, 86_400),
    atLeast(options, 'keepAliveMarginMs', 0, options.keepAliveSeconds * 1000 - 1),
    atLeast(options, 'reapDelayMs', 0),
    atLeast(options, 'maxLifetimeMs', 1, 82_800_000),
    atLeast(options, 'leaseTtlMs', 10),
    atLeast(options, 'renewEveryMs', 1, Math.floor(options.leaseTtlMs / 2)),
    atLeast(options, 'idleReturnMs', 0),
    atLeast(options, 'drainMs', 0),
    atLeast(options, 'waitTimeoutMs', 0),
    atLeast(options, 'maxWaiting', 0),
    atLeast(options, 'statementTimeoutMs', 1, 86_400_000),
    atLeast(options, 'resolveUnknownMs', 0),
    atLeast(options, 'busyTimeoutMs', 0),
    atLeast(options, 'unreachableTimeoutMs', 0),
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) {
    throw new WarehouseError({ code: 'invalid_request', message: `Warehouse options: ${faults.join('; ')}.` });
  }
  return options;
}

type NumberOption = {
  [Name in keyof WarehouseOptions]: WarehouseOptions[Name] extends number ? Name : never;
}[keyof WarehouseOptions];

function atLeast(
  options: WarehouseOptions,
  name: NumberOption,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): string | undefined {
  const value = options[name];
  return Number.isSafeInteger(value) && value >= least && value <= most
    ? undefined
    : `${name} must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`;
}
