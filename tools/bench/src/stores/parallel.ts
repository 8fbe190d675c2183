/** Calls 0 to `count - 1`, so many at a time, each caller the next when its last has ended. */
export async function inParallel(
  count: number,
  call: (index: number) => Promise<unknown> | undefined,
  callers = 32,
): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await call(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(callers, count) }, caller));
}
