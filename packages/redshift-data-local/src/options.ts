import { LocalError } from './errors.ts';
import type { FaultSettings } from './faults.ts';
import type { PrincipalSettings } from './principal.ts';

export interface Limits {
  /** Open sessions of a cluster or workgroup. */
  readonly maxSessions: number;
  /** Statements of a cluster or workgroup that have not ended. */
  readonly maxActiveStatements: number;
  /** Long polls at once on one statement; not published, so this is a guess. */
  readonly maxWaitingRequests: number;
  readonly maxSqlBytes: number;
  /** Bytes of one row, and of a whole result. */
  readonly maxRowBytes: number;
  readonly maxResultBytes: number;
  /** Rows and bytes of a page of JSON; not published, so this is a guess. */
  readonly resultPageRows: number;
  readonly resultPageBytes: number;
  /** How long statements, results and closed sessions can be asked for. */
  readonly retentionMs: number;
  readonly clientTokenRetentionMs: number;
  /** How long after its keep-alive an idle session is closed. */
  readonly sessionReapDelayMs: number;
  /** Age at which a session is closed, with what runs in it. */
  readonly sessionLifetimeMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxSessions: 500,
  maxActiveStatements: 500,
  maxWaitingRequests: 100,
  maxSqlBytes: 200 * 1024,
  maxRowBytes: 64 * 1024,
  maxResultBytes: 500 * 1024 * 1024,
  resultPageRows: 1_000,
  resultPageBytes: 1024 * 1024,
  retentionMs: 24 * 3_600_000,
  clientTokenRetentionMs: 8 * 3_600_000,
  sessionReapDelayMs: 0,
  sessionLifetimeMs: 24 * 3_600_000,
};

export interface RedshiftDataLocalOptions {
  /** A PostgreSQL superuser's URL. Statements run in the database that they name, as users that this one creates. */
  readonly postgresUrl: string;
  /** 0, the default: a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Decides what expired. Timers that close sessions run by the system's clock and look here. */
  readonly clock?: { now(): number };
  readonly faults?: FaultSettings;
  readonly limits?: Partial<Limits>;
  /** Names of clusters and workgroups that exist. Default: all. */
  readonly targets?: readonly string[];
  /** Database user by secret ARN. Default: the last part of the ARN, without its random suffix. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Who calls, by access key. Default: each access key is an IAM user of its own, all of one account. */
  readonly principals?: Readonly<Record<string, PrincipalSettings>>;
  /**
   * Passwords of database users that exist already. Those that are not here log in without one, as PostgreSQL may allow;
   * a superuser that is not here is refused.
   */
  readonly databaseUsers?: Readonly<Record<string, string>>;
  /** Whether a database user that does not exist is created when it is first used. Default true. */
  readonly createUsers?: boolean;
  /** Whether a database user created here may read all tables (`pg_read_all_data`). Default true. */
  readonly readAllData?: boolean;
  /**
   * Refuse calls without a signature of AWS form, and access keys that are not in `principals` if there are any. The
   * signature itself is not checked. Default false.
   */
  readonly requireSignature?: boolean;
  /** Several statements in one `Sql`, which the service's documentation forbids. Default false. */
  readonly allowMultipleStatements?: boolean;
  /** HTTP status of ResourceNotFoundException: 400 as the service was seen to answer, or 404 as its model says. */
  readonly notFoundStatus?: 400 | 404;
  /** Serve `/_local/…`: change faults, read figures, lose sessions. Default false. */
  readonly controlEndpoints?: boolean;
  /** A file for what is accepted, so that a server that was killed still knows it: see `StatementJournal`. */
  readonly journal?: string;
  /** Told of defects of this server, which callers see as InternalServerException. */
  readonly onInternalError?: (error: unknown) => void;
}

export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new LocalError('invalid_option', `There is no limit "${name}".`);
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new LocalError('invalid_option', `The limit ${name} must be a whole number, 0 or more.`);
    }
  }
  return limits;
}
