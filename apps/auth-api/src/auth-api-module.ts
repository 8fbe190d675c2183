import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { AuthTokens, LoginGuard } from '@mooring/auth-tokens';
import { AUTH_NAMESPACE, DefaultRateLimit, SessionCookie, TokenVerifier, observedVerifier } from '@mooring/nest-access';
import { HealthIndicator, Logger, Metrics, traced } from '@mooring/nest-runtime';
import { SessionStoreHealth, SessionStoreModule, storeMetrics } from '@mooring/nest-session-store';
import type { SessionStoreOptions } from '@mooring/nest-session-store';
import { AttemptStore, RateLimitStore, SessionStore } from '@mooring/session-store';
import type { RatePolicy } from '@mooring/usage-limits';
import { PasswordHasher, SessionEnds, Users } from '@mooring/users';
import { AuditLog } from './audit-log.ts';
import { AuthApiConfig } from './config.ts';
import { IntrospectionController } from './introspection-controller.ts';
import { GuardedPasswords } from './login/guarded-passwords.ts';
import { Login } from './login/login.ts';
import { LoginController } from './login/login-controller.ts';
import { LoginRateLimit } from './login/login-rate-limit-guard.ts';
import { OwnPassword } from './login/own-password.ts';
import { SessionsController } from './login/sessions-controller.ts';
import { TokenController } from './login/token-controller.ts';
import { TokenCookie } from './login/token-cookie.ts';
import { SessionEndsTimer } from './users/session-ends-timer.ts';
import { UserAdministration } from './users/user-administration.ts';
import { UsersController } from './users/users-controller.ts';
import { UsersModule } from './users/users-module.ts';

/** Everything of the service, wired in one place. */
@Module({})
export class AuthApiModule {
  static withConfig(config: AuthApiConfig): DynamicModule {
    return {
      module: AuthApiModule,
      imports: [
        UsersModule.withConfig(config),
        SessionStoreModule.forRootAsync({
          inject: [Metrics],
          useFactory: (metrics: Metrics): SessionStoreOptions => ({
            ...storeOptions(config),
            observer: storeMetrics(metrics, AUTH_NAMESPACE, traced),
          }),
        }),
      ],
      controllers: [LoginController, TokenController, SessionsController, UsersController, IntrospectionController],
      providers: [
        { provide: HealthIndicator, useExisting: SessionStoreHealth },
        {
          provide: AuditLog,
          useFactory: (logger: Logger, metrics: Metrics) => new AuditLog(logger, metrics),
          inject: [Logger, Metrics],
        },
        ...tokenProviders(config),
        ...limitProviders(config),
        ...passwordProviders(config),
      ],
    };
  }
}

/** The store of sessions, as the configuration has it. */
export function storeOptions({ store, region, production }: AuthApiConfig): SessionStoreOptions {
  const { dynamodb } = store;
  return {
    ...store,
    ...(dynamodb === undefined ? {} : { dynamodb: { ...dynamodb, region } }),
    namespace: AUTH_NAMESPACE,
    production,
  };
}

function tokenProviders({ tokens, cookie, allowedOrigins }: AuthApiConfig): Provider[] {
  const sessionCookie = cookie ? new SessionCookie({ allowedOrigins }) : undefined;
  return [
    {
      provide: AuthTokens,
      useFactory: (sessions: SessionStore, { onEvent }: AuditLog) =>
        new AuthTokens({ sessions, options: tokens, onEvent }),
      inject: [SessionStore, AuditLog],
    },
    {
      provide: TokenVerifier,
      useFactory: (issued: AuthTokens, metrics: Metrics) => observedVerifier(issued, metrics, traced),
      inject: [AuthTokens, Metrics],
    },
    { provide: TokenCookie, useValue: new TokenCookie(sessionCookie) },
    ...(sessionCookie === undefined ? [] : [{ provide: SessionCookie, useValue: sessionCookie }]),
  ];
}

function limitProviders({ limits: { requests, logins, windowMs } }: AuthApiConfig): Provider[] {
  const policies = (policy: RatePolicy): readonly RatePolicy[] => (policy.limit === 0 ? [] : [policy]);
  return [
    {
      provide: DefaultRateLimit,
      useValue: policies({ name: 'requests', scope: 'session', limit: requests, windowMs }),
    },
    { provide: LoginRateLimit, useValue: policies({ name: 'logins', scope: 'ip', limit: logins, windowMs }) },
  ];
}

function passwordProviders({ passwords: { minLength } }: AuthApiConfig): Provider[] {
  return [
    {
      provide: GuardedPasswords,
      useFactory: (
        attempts: AttemptStore,
        limits: RateLimitStore,
        passwords: PasswordHasher,
        users: Users,
        { onEvent }: AuditLog,
      ) =>
        new GuardedPasswords({
          guard: new LoginGuard({ attempts, limits, onEvent }),
          passwords,
          findUser: (username) => users.findByName(username),
        }),
      inject: [AttemptStore, RateLimitStore, PasswordHasher, Users, AuditLog],
    },
    {
      provide: Login,
      useFactory: (guarded: GuardedPasswords, passwords: PasswordHasher, tokens: AuthTokens, users: Users) =>
        new Login({ guarded, passwords, tokens, users }),
      inject: [GuardedPasswords, PasswordHasher, AuthTokens, Users],
    },
    {
      provide: SessionEnds,
      useFactory: (users: Users, tokens: AuthTokens) => new SessionEnds(users, tokens),
      inject: [Users, AuthTokens],
    },
    {
      provide: SessionEndsTimer,
      useFactory: (ends: SessionEnds, logger: Logger) => new SessionEndsTimer(ends, logger),
      inject: [SessionEnds, Logger],
    },
    ...[OwnPassword, UserAdministration].map((provide) => ({
      provide,
      useFactory: (guarded: GuardedPasswords, passwords: PasswordHasher, users: Users, ends: SessionEnds) =>
        new provide({ guarded, passwords, users, ends, minLength }),
      inject: [GuardedPasswords, PasswordHasher, Users, SessionEnds],
    })),
  ];
}
