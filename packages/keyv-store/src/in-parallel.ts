/**
 * Does the work for each item, for at most `most` at a time, and answers in the order of the items. After a failure
 * nothing new is begun; it is thrown once what was begun has ended.
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const queue = [...items].entries();
  const results: R[] = [];
  let failed = false;
  const workers = Array.from({ length: most }, async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  });
  const failure = (await Promise.allSettled(workers)).find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}
