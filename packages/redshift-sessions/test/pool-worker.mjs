// A process of its own for specs: runs statements on the shared pool as its parent asks, line by line.
import { createInterface } from 'node:readline';
import { AwsDataApi, CallRate, PUBLISHED_QUOTAS, Warehouse, createDataApiClient } from '@mooring/redshift-sessions';
import { systemClock } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';

const { storeUrl, endpoint, options } = JSON.parse(process.argv[2] ?? '{}');
const patient = { connectionTimeoutMs: 120_000, statementTimeoutMs: 120_000 };
const store = await createPostgresStore({ url: storeUrl, namespace: 'test', migrate: false, ...patient });
const client = createDataApiClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const quotas = Object.fromEntries(Object.keys(PUBLISHED_QUOTAS).map((name) => [name, 100_000]));
const api = new AwsDataApi(client, new CallRate(systemClock, 1, quotas));
const warehouse = new Warehouse({ api, pool: store.pool, options });

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function run({ id, request, keep }) {
  try {
    const statement = await warehouse.execute(request);
    if (keep) return say({ id, accepted: statement.id, sessionId: statement.sessionId });
    const state = await statement.wait();
    const rows = [];
    if (state.status === 'finished' && state.hasResultSet) {
      for await (const row of statement.rows()) rows.push(row.map(String));
    }
    return say({ id, status: state.status, error: state.error, reused: statement.sessionReused, rows });
  } catch (error) {
    return say({ id, failed: error.code ?? error.message });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => void run(JSON.parse(line)));
say({ ready: true });
