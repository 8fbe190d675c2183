import type { EpochMs } from '@mooring/session-store';
import type { StatementDescription } from '../data-api/data-api.ts';
import { isTerminal } from './statement-poller.ts';
import { Statement, stateOf } from './statement.ts';
import type { StatementParts, StatementState, WaitOptions } from './statement.ts';
import type { Accepted } from './submission.ts';

/** Milliseconds, by this process's clock. */
export interface StatementTimings {
  /** Waiting for a session. */
  readonly queuedMs: number;
  /** From the first call to its acceptance; it holds the run time of a statement that ended within the first second. */
  readonly submitMs: number;
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** Several statements: what became of each is only in their description. */
  readonly batch: boolean;
  readonly signal?: AbortSignal;
  readonly sessionReused: boolean;
  readonly timings: StatementTimings;
  /** Called once, when the statement ended or is given up; `endedNotBefore` is on the safe side. */
  readonly ended: (end: StatementEnd) => void;
}

export interface StatementEnd {
  /** Undefined when the warehouse did not say how it ended. */
  readonly status: StatementDescription['status'] | undefined;
  readonly endedNotBefore: EpochMs;
}

/** How long a cancelled statement may take to stop before its session is left to itself. */
const CANCEL_GRACE_MS = 60_000;

/**
 * A statement that this process runs: watched to its end whoever waits for it, cancelled when it takes too long or its
 * caller goes away, and only then its session is free.
 */
export class RunningStatement extends Statement {
  readonly sessionReused: boolean;
  readonly timings: StatementTimings;
  readonly sessionId: string | undefined;
  private timedOut = false;
  private final: StatementDescription | undefined;
  private readonly watching: Promise<StatementDescription>;

  constructor(
    private readonly accepted: Accepted,
    parts: StatementParts,
    private readonly run: RunOptions,
  ) {
    super(accepted.id, parts);
    this.sessionReused = run.sessionReused;
    this.timings = run.timings;
    this.sessionId = accepted.sessionId;
    this.watching = this.watch();
    this.watching.catch(() => undefined);
  }

  override async wait(options: WaitOptions = {}): Promise<StatementState> {
    return this.stateOf((await this.within(options)) ?? (await this.standing()));
  }

  /** The state now, with the engine's figures, which a long poll at submission does not give. */
  async describe(): Promise<StatementState> {
    const description = await this.standing();
    if (isTerminal(description.status)) this.final = description;
    return this.stateOf(description);
  }

  private async standing(): Promise<StatementDescription> {
    return (await this.poll(this.parts.clock.now())).description;
  }

  private stateOf(description: StatementDescription): StatementState {
    const state = stateOf(description);
    return this.timedOut && state.status === 'cancelled' ? { ...state, status: 'timed_out' } : state;
  }

  private async within(options: WaitOptions): Promise<StatementDescription | undefined> {
    if (this.final !== undefined) return this.final;
    let stopWaiting = (): void => undefined;
    const interrupted = new Promise<undefined>((resolve, reject) => {
      const aborted = (): void => reject(options.signal?.reason as Error);
      const cancelTimer =
        options.timeoutMs === undefined
          ? undefined
          : this.parts.clock.after(options.timeoutMs, () => resolve(undefined));
      options.signal?.addEventListener('abort', aborted, { once: true });
      stopWaiting = () => {
        cancelTimer?.();
        options.signal?.removeEventListener('abort', aborted);
      };
    });
    try {
      options.signal?.throwIfAborted();
      return await Promise.race([this.watching, interrupted]);
    } finally {
      stopWaiting();
    }
  }

  private async watch(): Promise<StatementDescription> {
    let status: StatementDescription['status'] | undefined;
    let endedNotBefore = this.accepted.sentAt;
    const abort = (): void => void this.cancel().catch(() => undefined);
    this.run.signal?.addEventListener('abort', abort, { once: true });
    if (this.run.signal?.aborted) abort();
    try {
      const { description, seenFrom } = await this.untilEnd();
      this.final = description;
      endedNotBefore = Math.max(endedNotBefore, seenFrom);
      if (isTerminal(description.status)) status = description.status;
      return description;
    } finally {
      this.run.signal?.removeEventListener('abort', abort);
      this.run.ended({ status, endedNotBefore });
    }
  }

  private async untilEnd(): Promise<{ description: StatementDescription; seenFrom: EpochMs }> {
    const { accepted, run } = this;
    if (accepted.status === 'FINISHED' && !run.batch) {
      const description = {
        id: accepted.id,
        status: accepted.status,
        hasResultSet: accepted.hasResultSet ?? false,
        subStatements: [],
      };
      return { description, seenFrom: accepted.sentAt };
    }
    const polled = await this.poll(accepted.sentAt + run.timeoutMs);
    if (isTerminal(polled.description.status)) return polled;
    this.timedOut = true;
    await this.cancel().catch(() => undefined);
    return this.poll(this.parts.clock.now() + CANCEL_GRACE_MS);
  }
}
