import { AuthTokens, LoginGuard } from '@mooring/auth-tokens';
import { startPostgres, startService } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import { Pool } from 'pg';
import { Ends } from '../backends/backend.ts';

export const PASSWORD = 'a password that is right';
/** How the auth API counts attempts: by user name over all tenants. */
const ALL_TENANTS = 'logins';
const HOUR_MS = 3_600_000;

export interface AuthLaboratory {
  readonly service: ServiceProcess;
  readonly tokens: AuthTokens;
  /** For bare statements, as large as the store's own. */
  readonly pool: Pool;
  readonly usernames: readonly string[];
  /** Locks a user for whoever comes from the address, for an hour. */
  lock(username: string, address: string): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL, the auth API as a process of its own, and the same store in this process. */
export async function openAuthLaboratory(users: number): Promise<AuthLaboratory> {
  const ends = new Ends();
  try {
    const postgres = await startPostgres();
    ends.add(() => postgres.stop());
    const usernames = Array.from({ length: users }, (_, index) => `user-${index}`);
    const service = await startService({
      script: 'apps/auth-api/dist/main.js',
      env: {
        MOORING_LOG_LEVEL: 'error',
        DATABASE_URL: postgres.url,
        MOORING_DEMO_USERS: usernames.map((name) => `${name}:${PASSWORD.replaceAll(' ', '-')}@acme/user`).join(','),
        // Each attempt comes from an address of its own, as far as the service knows.
        MOORING_TRUST_PROXY: '127.0.0.1',
        MOORING_RATE_LIMIT_LOGINS: '0',
      },
      readyPath: '/health/ready',
    });
    ends.add(() => service.stop());
    const store = await createPostgresStore({ url: postgres.url, namespace: 'auth' });
    ends.add(() => store.close());
    const pool = new Pool({ connectionString: postgres.url, max: 10 });
    ends.add(() => pool.end());
    const guard = new LoginGuard({
      attempts: store.attempts,
      limits: store.limits,
      options: {
        accountAddress: { limit: 1, windowMs: HOUR_MS, lockStepsMs: [HOUR_MS], resetAfterMs: HOUR_MS },
      },
    });
    return {
      service,
      tokens: new AuthTokens({ sessions: store.sessions }),
      pool,
      usernames,
      lock: (account, address) => guard.failed({ tenantId: ALL_TENANTS, account, address }),
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}
