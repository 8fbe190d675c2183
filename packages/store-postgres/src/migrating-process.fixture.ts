import { createPostgresStore } from './index.ts';

const PATIENT = { statementTimeoutMs: 60_000, connectionTimeoutMs: 60_000 };

/** A process that starts like any other: it opens the store at the URL of its first argument, and uses it. */
const store = await createPostgresStore({ url: process.argv[2] ?? '', namespace: 'start', ...PATIENT });
const lease = await store.leases.acquire('starter', `process-${process.pid}`, 60_000);
await store.close();
process.stdout.write(lease.ok ? 'leased' : lease.reason);
