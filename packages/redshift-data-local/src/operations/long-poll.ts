import { ApiError } from '../errors.ts';
import type { Limits } from '../options.ts';
import type { Statement } from '../statement.ts';
import type { Call } from './operations.ts';

/** WaitTimeSeconds, 1 to 30. */
export function waitSecondsOf({ input }: Call): number | undefined {
  return input.integer('WaitTimeSeconds', 1, 30);
}

/** Until the statement ends, the time is up or the client is gone. */
export async function longPoll(
  statement: Statement,
  waitSeconds: number | undefined,
  limits: Limits,
  gone: AbortSignal,
): Promise<void> {
  if (waitSeconds === undefined || statement.ended) return;
  if (statement.waiting >= limits.maxWaitingRequests) {
    throw new ApiError(
      'ActiveWaitingRequestsExceededException',
      `The number of waiting requests for the statement exceeds ${limits.maxWaitingRequests}.`,
    );
  }
  statement.waiting += 1;
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    leave = resolve;
    timer = setTimeout(resolve, waitSeconds * 1000);
    gone.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([statement.done, over]);
  } finally {
    statement.waiting -= 1;
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
  }
}
