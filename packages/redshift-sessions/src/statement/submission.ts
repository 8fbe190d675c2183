import { randomUUID } from 'node:crypto';
import type { Clock, EpochMs } from '@mooring/session-store';
import { DataApiError } from '../data-api/data-api-error.ts';
import type { DataApiFailure } from '../data-api/data-api-error.ts';
import type { CallPlace, DataApi, ListedStatement, Submitted, SubmitOptions } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';
import type { WarehouseOptions } from '../options.ts';
import { jittered } from '../random.ts';
import type { Random } from '../random.ts';
import { sleep } from '../sleep.ts';

/** After these the statement may have been accepted; a refused wait says nothing of what was to be waited for. */
const IN_DOUBT: ReadonlySet<DataApiFailure> = new Set(['unknown_outcome', 'waiters_exceeded']);
const LOOK_AGAIN_MS = 500;

/** What is submitted: one call of ExecuteStatement or BatchExecuteStatement. */
export type Work = (options: SubmitOptions) => Promise<Submitted>;

export interface Accepted extends Submitted {
  /** When the call that was accepted went out, or an earlier time. */
  readonly sentAt: EpochMs;
}

/** How a session refused: it certainly did not run the statement, unless that is in doubt. */
export class SessionRefused extends Error {
  override readonly name = 'SessionRefused';

  constructor(
    readonly mayHaveRun: boolean,
    readonly unknownSession: boolean,
    override readonly cause: DataApiError,
  ) {
    super('The session did not take the statement.', { cause });
  }
}

export interface SubmissionParts {
  readonly api: DataApi;
  readonly clock: Clock;
  readonly options: WarehouseOptions;
  readonly random: Random;
}

/**
 * One statement on its way to being accepted, once. Its name and token are its own: whatever happens to an answer, the
 * statement can be found by its name, and the service runs a token once. A repeated call after a lost answer is made
 * only when no statement of that name is there.
 */
export class Submission {
  readonly statementName: string;
  private readonly clientToken = randomUUID();
  private doubtSince: EpochMs | undefined;

  constructor(
    private readonly parts: SubmissionParts,
    name: string | undefined,
    private readonly work: Work,
    private readonly signal?: AbortSignal,
    /** Whether the session that it goes to is still this process's. */
    private readonly isHeld: () => boolean = () => true,
  ) {
    this.statementName = name ?? `mooring-${randomUUID()}`;
  }

  /** The place may change between calls only after a `SessionRefused` that says the statement did not run. */
  async accept(
    place: CallPlace,
    call: Pick<SubmitOptions, 'keepAliveSeconds' | 'waitSeconds' | 'parameters'>,
  ): Promise<Accepted> {
    const { clock, options } = this.parts;
    const startedAt = clock.now();
    let pauseMs = 100;
    for (;;) {
      if (this.doubtSince === undefined) this.signal?.throwIfAborted();
      if (!this.isHeld()) throw new SessionRefused(this.inDoubt, false, leaseOver());
      const sentAt = clock.now();
      try {
        const submitted = await this.work({
          ...call,
          place,
          statementName: this.statementName,
          clientToken: this.clientToken,
        });
        return { ...submitted, sentAt };
      } catch (error) {
        if (!(error instanceof DataApiError)) throw error;
        const failure = 'SessionId' in place ? error : outsideOfSessions(error);
        const found = await this.afterFailure(failure, startedAt);
        if (found !== undefined) return { ...found, sentAt: startedAt };
      }
      await sleep(clock, jittered(pauseMs, this.parts.random));
      pauseMs = Math.min(2_000, pauseMs * 2, Math.max(100, options.busyTimeoutMs / 4));
    }
  }

  /** Throws, answers the statement that was accepted after all, or returns undefined: try again. */
  private async afterFailure(error: DataApiError, startedAt: EpochMs): Promise<Submitted | undefined> {
    const { clock, options } = this.parts;
    if (IN_DOUBT.has(error.failure)) this.doubtSince ??= clock.now();
    if (this.doubtSince !== undefined) return this.resolveDoubt(error, this.doubtSince);
    const waitedMs = clock.now() - startedAt;
    switch (error.failure) {
      case 'session_not_available':
      case 'session_unknown':
        throw new SessionRefused(false, error.failure === 'session_unknown', error);
      case 'throttled':
      case 'statements_exceeded':
        if (waitedMs < options.busyTimeoutMs) return undefined;
        throw busy(error);
      case 'unreachable':
        if (waitedMs < options.unreachableTimeoutMs) return undefined;
        throw unavailable(error);
      case 'sessions_exceeded':
        throw error;
      case 'denied':
        throw new WarehouseError({
          code: 'access_denied',
          message: 'The warehouse refused the credentials of this service.',
          cause: error,
        });
      default:
        throw new WarehouseError({
          code: 'invalid_request',
          message: `The warehouse refused the call: ${error.message}`,
          cause: error,
        });
    }
  }

  /** Looks for the statement; only when the service says that it is not there, the same call goes out again. */
  private async resolveDoubt(error: DataApiError, since: EpochMs): Promise<Submitted | undefined> {
    const { clock, options } = this.parts;
    for (;;) {
      const found = await this.findOwn();
      if (found !== 'not_found' && found !== 'not_asked') return found;
      if (clock.now() - since >= options.resolveUnknownMs) throw this.unknownOutcome(error);
      if (found === 'not_found') break;
      await sleep(clock, LOOK_AGAIN_MS);
    }
    if (error.failure === 'session_not_available' || error.failure === 'session_unknown') {
      throw new SessionRefused(true, error.failure === 'session_unknown', error);
    }
    return undefined;
  }

  /** The statement of this submission, when the service accepted it. */
  async findOwn(): Promise<Submitted | 'not_found' | 'not_asked'> {
    let listed: readonly ListedStatement[];
    try {
      listed = await this.parts.api.findStatements(this.statementName);
    } catch {
      return 'not_asked';
    }
    const own = listed.find((statement) => statement.name === this.statementName);
    if (own === undefined) return 'not_found';
    return { id: own.id, ...(own.sessionId === undefined ? {} : { sessionId: own.sessionId }) };
  }

  get inDoubt(): boolean {
    return this.doubtSince !== undefined;
  }

  unknownOutcome(cause?: unknown): WarehouseError {
    return new WarehouseError({
      code: 'outcome_unknown',
      message:
        'The warehouse did not confirm the statement and does not list it yet; it may have run. It is not run again.',
      details: { statementName: this.statementName },
      cause,
    });
  }
}

/** What is said of a session makes no sense where none was named. */
function outsideOfSessions(error: DataApiError): DataApiError {
  const isOfSession = error.failure === 'session_not_available' || error.failure === 'session_unknown';
  return isOfSession ? new DataApiError('invalid', error.message, error.cause) : error;
}

function leaseOver(): DataApiError {
  return new DataApiError('session_not_available', 'The lease of the session ended before the statement was accepted.');
}

function busy(cause: DataApiError): WarehouseError {
  return new WarehouseError({
    code: 'warehouse_busy',
    message: 'The warehouse takes no more statements right now.',
    retryAfterMs: 5_000,
    cause,
  });
}

function unavailable(cause: DataApiError): WarehouseError {
  return new WarehouseError({
    code: 'warehouse_unavailable',
    message: 'The warehouse can not be reached.',
    retryAfterMs: 5_000,
    cause,
  });
}
