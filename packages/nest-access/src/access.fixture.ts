import { Body, ConflictException, Controller, Get, Inject, Post, UseGuards, UseInterceptors } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import { AuthTokens } from '@mooring/auth-tokens';
import type { IssuedToken, Principal } from '@mooring/auth-tokens';
import { RateLimitStore } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { BudgetLedger } from '@mooring/usage-limits';
import { Budget, BudgetInterceptor } from './budget-interceptor.ts';
import { DefaultRateLimit, RateLimit, RateLimitGuard } from './rate-limit-guard.ts';
import { SessionCookie } from './session-cookie.ts';
import { Caller, CallerToken, Public, Roles, TokenGuard, TokenVerifier } from './token-guard.ts';

@Controller()
@UseGuards(TokenGuard, RateLimitGuard)
@UseInterceptors(BudgetInterceptor)
class Routes {
  constructor(@Inject(AuthTokens) private readonly tokens: AuthTokens) {}

  @Get('me')
  me(@Caller() { subjectId, tenantId }: Principal): object {
    return { subjectId, tenantId };
  }

  @Get('open')
  @Public()
  @RateLimit({ name: 'open', scope: 'ip', limit: 2, windowMs: 60_000 })
  open(): object {
    return { open: true };
  }

  @Get('about')
  @Public()
  about(): object {
    return { about: 'this' };
  }

  @Get('admin')
  @Roles('admin', 'root')
  admin(): object {
    return { admin: true };
  }

  @Post('message')
  @RateLimit({ name: 'messages', scope: 'session', limit: 3, windowMs: 60_000 })
  message(): object {
    return { sent: true };
  }

  @Post('spend')
  @Budget({ amount: 10, actual: (answer) => (answer as { cost: number }).cost })
  spend(@Body() { cost }: { cost: number }): { cost: number } {
    if (cost < 0) throw new ConflictException('it broke');
    return { cost };
  }

  @Post('logout')
  async logout(@CallerToken() token: string): Promise<object> {
    return { ended: await this.tokens.revoke(token) };
  }
}

export const ADAPTERS = {
  fastify: () => new FastifyAdapter(),
  express: () => new ExpressAdapter(),
} as const;

export interface AccessService {
  readonly store: StoreBackend;
  readonly ledger: BudgetLedger;
  readonly issue: (role?: string) => Promise<IssuedToken>;
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** Warnings, as they are logged. */
  readonly warnings: readonly string[];
  readonly close: () => Promise<void>;
}

class Warnings implements LoggerService {
  readonly said: string[] = [];
  log(): void {}
  error(): void {}
  warn(message: string): void {
    this.said.push(message);
  }
}

export async function startAccess(platform: keyof typeof ADAPTERS): Promise<AccessService> {
  const warnings = new Warnings();
  const store = createMemoryStore({ namespace: 'access' });
  const tokens = new AuthTokens({ sessions: store.sessions });
  const ledger = new BudgetLedger({
    budgets: store.budgets,
    policies: [{ name: 'units', scope: 'user', limit: 25, period: 'day' }],
  });
  const module = await Test.createTestingModule({
    controllers: [Routes],
    providers: [
      { provide: AuthTokens, useValue: tokens },
      { provide: TokenVerifier, useExisting: AuthTokens },
      { provide: RateLimitStore, useValue: store.limits },
      { provide: DefaultRateLimit, useValue: [{ name: 'requests', scope: 'session', limit: 50, windowMs: 60_000 }] },
      { provide: BudgetLedger, useValue: ledger },
      { provide: SessionCookie, useValue: new SessionCookie({ allowedOrigins: ['https://app.example.com'] }) },
    ],
  }).compile();
  const app = module.createNestApplication(ADAPTERS[platform](), { logger: warnings });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    store,
    ledger,
    async issue(role = 'user') {
      const issued = await tokens.issue({ tenantId: 'acme', subjectId: 'ann', claims: { role } });
      if (!issued.ok) throw new Error(issued.reason);
      return issued.value;
    },
    ask: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    warnings: warnings.said,
    close: () => app.close(),
  };
}
