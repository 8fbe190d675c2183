import type { HealthIndicator, HealthReport } from '@mooring/nest-runtime';
import { UserDatabaseError } from './errors.ts';
import type { UserDatabase } from './user-database.ts';

export class UsersHealth implements HealthIndicator {
  readonly name = 'users';

  constructor(private readonly database: Pick<UserDatabase, 'ping'>) {}

  async check(): Promise<HealthReport> {
    try {
      await this.database.ping();
      return { status: 'up' };
    } catch (error) {
      const code = error instanceof UserDatabaseError ? error.code : 'unknown';
      return { status: 'down', reason: `the database of the users does not answer (${code})` };
    }
  }
}
