import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HealthIndicator, Logger, Metrics, traced } from '@mooring/nest-runtime';
import { schemaMigrated } from '@mooring/session-store/adapter';
import { PasswordHasher, UserDatabase, Users } from '@mooring/users';
import type { AuthApiConfig } from '../config.ts';
import { observePasswords } from '../passwords/password-metrics.ts';
import { createDemoUsers, createFirstAdmin } from './start-users.ts';
import { UsersHealth } from './users-health.ts';

/** The users' database, with its schema and the users of the configuration in it, and the hashing of their passwords. */
@Module({})
export class UsersModule {
  static withConfig({ users: database, passwords, firstAdmin, demoUsers }: AuthApiConfig): DynamicModule {
    return {
      module: UsersModule,
      providers: [
        {
          provide: PasswordHasher,
          useFactory: (metrics: Metrics) => {
            const hasher = new PasswordHasher({
              ...passwords,
              around: (work) => traced('password hash', {}, work),
            });
            observePasswords(metrics, hasher);
            return hasher;
          },
          inject: [Metrics],
        },
        {
          provide: UserDatabase,
          useFactory: (logger: Logger) =>
            UserDatabase.open({ ...database, onMigrated: (version) => logger.info(schemaMigrated('users', version)) }),
          inject: [Logger],
        },
        {
          provide: Users,
          useFactory: async (opened: UserDatabase, hasher: PasswordHasher, logger: Logger) => {
            const users = new Users(opened);
            const parts = { users, passwords: hasher, logger };
            if (firstAdmin !== undefined) await createFirstAdmin(firstAdmin, parts);
            await createDemoUsers(demoUsers, parts);
            return users;
          },
          inject: [UserDatabase, PasswordHasher, Logger],
        },
        {
          provide: HealthIndicator,
          useFactory: (opened: UserDatabase) => new UsersHealth(opened),
          inject: [UserDatabase],
        },
      ],
      exports: [PasswordHasher, Users],
    };
  }
}
