import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { createDataApiClient } from '@mooring/redshift-sessions';

/** A client of the Data API that adds up how long its calls take, from `send` to its answer. */
export class TimedClient {
  readonly client: RedshiftDataClient;
  private spentMs = 0;
  private calls = 0;

  constructor(endpoint: string) {
    const client = createDataApiClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const timed = async (...args: unknown[]): Promise<unknown> => {
      const startedAt = performance.now();
      try {
        return await send(...args);
      } finally {
        this.spentMs += performance.now() - startedAt;
        this.calls += 1;
      }
    };
    client.send = timed as typeof client.send;
    this.client = client;
  }

  /** Milliseconds and calls since this was last asked. Only of use while calls are made one after the other. */
  takeSpent(): { readonly ms: number; readonly calls: number } {
    const spent = { ms: this.spentMs, calls: this.calls };
    this.spentMs = 0;
    this.calls = 0;
    return spent;
  }

  close(): void {
    this.client.destroy();
  }
}
