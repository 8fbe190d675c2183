import { ApiError } from '../errors.ts';
import type { Statement, StatementPart } from '../statement.ts';
import type { Call, OperationParts } from './operations.ts';

/** WaitTimeSeconds, 1 to 30. */
export function waitSecondsOf({ input }: Call): number | undefined {
  return input.integer('WaitTimeSeconds', 1, 30);
}

/** Waits for the end of a statement or of one member of a batch, when asked to. So many may wait for one statement. */
export async function longPoll(
  statement: Statement,
  part: StatementPart,
  waitSeconds: number | undefined,
  { limits, faults }: Pick<OperationParts, 'limits' | 'faults'>,
  gone: AbortSignal,
): Promise<void> {
  if (waitSeconds === undefined || part.ended) return;
  if (statement.waiting >= limits.maxWaitingRequests || faults.refuseWaits) {
    throw new ApiError(
      'ActiveWaitingRequestsExceededException',
      `The number of waiting requests for the statement exceeds ${limits.maxWaitingRequests}.`,
    );
  }
  statement.waiting += 1;
  try {
    await untilEnded(part, waitSeconds, gone);
  } finally {
    statement.waiting -= 1;
  }
}

/** Until the end, the time is up or the client is gone. */
export async function untilEnded(
  part: StatementPart,
  waitSeconds: number | undefined,
  gone: AbortSignal,
): Promise<void> {
  if (waitSeconds === undefined || part.ended || gone.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    leave = resolve;
    timer = setTimeout(resolve, waitSeconds * 1000);
    gone.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([part.done, over]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
  }
}
