import { createInterface } from 'node:readline';
import { StoreError, newSessionId } from '@mooring/session-store';
import { Connection } from './file/connection.ts';
import { createSqliteStore } from './index.ts';
import type { SqliteStore, SqliteStoreOptions } from './index.ts';

/** What a spec may ask another process to do. */
export type Order =
  | { readonly do: 'call'; readonly port: string; readonly method: string; readonly calls: readonly unknown[][] }
  | { readonly do: 'create-for-ever'; readonly tenantId: string; readonly subjectId: string }
  | { readonly do: 'lock' };

export interface Outcome {
  readonly value?: unknown;
  readonly code?: string;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as SqliteStoreOptions;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function outcomeOf(store: SqliteStore, { port, method }: Order & { do: 'call' }, args: unknown[]) {
  const target = store[port as 'sessions'] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  try {
    return { value: await target[method]?.(...args) };
  } catch (error) {
    return { code: error instanceof StoreError ? error.code : String(error) };
  }
}

async function createForEver(store: SqliteStore, tenantId: string, subjectId: string): Promise<never> {
  for (;;) {
    const ids = Array.from({ length: 5 }, () => newSessionId({ tenantId, subjectId }));
    await Promise.all(
      ids.map(async (id) => {
        const data = { filler: 'x'.repeat(500) };
        await store.sessions.create({ tenantId, subjectId, id, data, idleTimeoutMs: 1e9, lifetimeMs: 1e9 });
        say({ created: id });
      }),
    );
  }
}

const store = await createSqliteStore(settings);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if (order.do === 'call')
    say({ outcomes: await Promise.all(order.calls.map((args) => outcomeOf(store, order, args))) });
  else if (order.do === 'create-for-ever') await createForEver(store, order.tenantId, order.subjectId);
  else {
    new Connection(settings.file).run('begin immediate');
    say({ locked: true });
  }
}
await store.close();
