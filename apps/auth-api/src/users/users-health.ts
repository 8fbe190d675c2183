import type { OnApplicationShutdown } from '@nestjs/common';
import type { HealthIndicator, HealthReport } from '@mooring/nest-runtime';
import { UserDatabaseError } from '@mooring/users';
import type { UserDatabase } from '@mooring/users';

/** Shows how the users' database is, and closes it after the last request. */
export class UsersHealth implements HealthIndicator, OnApplicationShutdown {
  readonly name = 'users';

  constructor(private readonly database: Pick<UserDatabase, 'ping' | 'close'>) {}

  async check(): Promise<HealthReport> {
    try {
      await this.database.ping();
      return { status: 'up' };
    } catch (error) {
      const code = error instanceof UserDatabaseError ? error.code : 'unknown';
      return { status: 'down', reason: `the database of the users does not answer (${code})` };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
