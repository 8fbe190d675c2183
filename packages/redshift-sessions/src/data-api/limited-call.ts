/**
 * Makes a call that ends within so long, with the body of its answer: the limits of the SDK are for its headers, or for
 * silence. An abort of `signal` ends it as well.
 */
export async function limitedCall<T>(
  longestMs: number,
  send: (limit: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  const end = (): void => limit.abort();
  if (signal?.aborted) end();
  const timer = setTimeout(end, longestMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await send(limit.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
