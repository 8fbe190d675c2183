import { appendFile } from 'node:fs/promises';

/** What a spec of this package opens in another process. */
export interface CountingStore {
  readonly counters: { add(name: string, by?: number): Promise<number> };
  /** Fails as a store does. */
  fail(): Promise<never>;
  /** Rejects where nobody listens. */
  forget(): Promise<void>;
  /** Never answers. */
  hang(): Promise<never>;
  close(): Promise<void>;
}

export async function openCounting({ file, away }: { file: string; away?: boolean }): Promise<CountingStore> {
  const refusal = Object.assign(new Error('the server is away'), {
    name: 'StoreError',
    code: 'unavailable',
    outcome: 'unknown',
    retryable: true,
    operation: 'fail',
  });
  if (away === true) throw refusal;
  const counts = new Map<string, number>();
  return {
    counters: {
      async add(name, by = 1) {
        const count = (counts.get(name) ?? 0) + by;
        counts.set(name, count);
        await appendFile(file, `${name}\n`);
        return count;
      },
    },
    fail: () => Promise.reject(refusal),
    async forget() {
      void Promise.reject(new Error('nobody listens'));
    },
    hang: () => new Promise(() => setInterval(() => undefined, 1000)),
    close: () => appendFile(file, 'closed\n'),
  };
}
