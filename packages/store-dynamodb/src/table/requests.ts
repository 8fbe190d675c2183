import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { closed, failure, overdue, verdictOf } from '../errors.ts';

/** How often a request is tried: throttled ones, and lost ones that do no harm twice. */
const MOST_TRIES = 4;
const PAUSE_MS = 25;

type Sent = Parameters<DynamoDBDocumentClient['send']>[0];

/** Makes the command anew for each try. */
export type MakeCommand = () => object;

/** What sending a request again could do. */
export type Repeat =
  /** It changes nothing. */
  | 'read'
  /** Done twice it is as done once, or its condition tells that it was done. */
  | 'safe'
  /** It would count twice. */
  | 'never';

/** Thrown to whoever sent the request, who knows what it means. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';

  constructor(
    /** The item as it is, in DynamoDB's own form, where the service tells. */
    readonly item: Readonly<Record<string, unknown>> | undefined,
    /** An earlier try may have been applied: its answer was lost. */
    readonly isUncertain: boolean,
  ) {
    super('the condition failed');
  }
}

/** Sends requests. Each ends in time, with an answer or a `StoreError`. */
export class Requests {
  private closed = false;

  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly limitMs: number,
  ) {}

  /** Later requests fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  requireOpen(operation: string): void {
    if (this.closed) throw closed(operation);
  }

  async send<Output>(operation: string, command: MakeCommand, repeat: Repeat): Promise<Output> {
    this.requireOpen(operation);
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(overdue(operation, this.limitMs));
        limit.abort();
      }, this.limitMs);
    });
    try {
      return await Promise.race([this.tries<Output>(operation, command, repeat, limit.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async tries<Output>(
    operation: string,
    command: MakeCommand,
    repeat: Repeat,
    limit: AbortSignal,
  ): Promise<Output> {
    let outcome: 'not_applied' | 'unknown' = 'not_applied';
    for (let tries = 1; ; tries++) {
      try {
        const answer: unknown = await this.client.send(command() as Sent, { abortSignal: limit });
        return answer as Output;
      } catch (cause) {
        if ((cause as { name?: unknown } | undefined)?.name === 'ConditionalCheckFailedException') {
          const { Item } = cause as { Item?: Readonly<Record<string, unknown>> };
          throw new ConditionFailed(Item, outcome === 'unknown');
        }
        const verdict = verdictOf(cause);
        if (verdict.outcome === 'unknown' && repeat !== 'read') outcome = 'unknown';
        const mayRepeat = verdict.again === true && (repeat !== 'never' || outcome === 'not_applied');
        if (!mayRepeat || tries === MOST_TRIES || this.closed) throw failure(operation, { ...verdict, outcome }, cause);
        await pause(tries, limit);
      }
    }
  }
}

/** A little longer each time, and never the same for two. */
export async function pause(tries: number, signal?: AbortSignal): Promise<void> {
  const most = PAUSE_MS * Math.min(tries, 4);
  await sleep(randomInt(Math.ceil(most / 3), most + 1), undefined, signal === undefined ? {} : { signal });
}
