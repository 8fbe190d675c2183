import { Inject, Injectable, Optional, SetMetadata } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { addressKey } from '@mooring/auth-tokens';
import { RateLimitStore } from '@mooring/session-store';
import { RateLimiter, rateLimitHeaders } from '@mooring/usage-limits';
import type { Consumer, RatePolicy } from '@mooring/usage-limits';
import { AccessError } from './errors.ts';
import { requestOf, setHeaders } from './http-exchange.ts';
import { principalOf } from './token-guard.ts';

const POLICIES = 'mooring:rate-limit';

/** The tenant that requests without a token are counted under. */
const NOBODY = 'anonymous';

/** Policies of routes that have none of their own. */
export const DefaultRateLimit = Symbol('DefaultRateLimit');

/** Limits how often the route, or each route of the class, may be called. */
export const RateLimit = (...policies: readonly RatePolicy[]): MethodDecorator & ClassDecorator =>
  SetMetadata(POLICIES, policies);

/**
 * Counts a request under the policies of its route and refuses it with 429 when there were too many. Put it after
 * `TokenGuard`: session, user and tenant are its principal's. Without a principal, only policies by `ip` make sense. A
 * failure of the store refuses the request, with the store's error.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiters = new Map<readonly RatePolicy[], RateLimiter>();
  private readonly fallback: readonly RatePolicy[];
  /** Of requests without a token, whose sender only has an address. */
  private readonly fallbackOfNobody: readonly RatePolicy[];

  constructor(
    @Inject(RateLimitStore) private readonly limits: RateLimitStore,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Optional() @Inject(DefaultRateLimit) fallback: readonly RatePolicy[] = [],
  ) {
    this.fallback = fallback;
    this.fallbackOfNobody = fallback.filter(({ scope }) => scope === 'ip');
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const own = this.reflector.getAllAndOverride<readonly RatePolicy[] | undefined>(POLICIES, places);
    const policies = own ?? (principalOf(context) === undefined ? this.fallbackOfNobody : this.fallback);
    if (policies.length === 0) return true;
    const decision = await this.limiterOf(policies).take(consumerOf(context));
    setHeaders(context, rateLimitHeaders(decision, Date.now()));
    if (decision.allowed) return true;
    throw new AccessError('too_many_requests', 'There were too many requests; see Retry-After.', decision.retryAfterMs);
  }

  private limiterOf(policies: readonly RatePolicy[]): RateLimiter {
    const known = this.limiters.get(policies) ?? new RateLimiter(this.limits, policies);
    this.limiters.set(policies, known);
    return known;
  }
}

/** Whose use a request counts as. */
export function consumerOf(context: ExecutionContext): Consumer {
  const principal = principalOf(context);
  const ip = addressKey(requestOf(context).ip);
  if (principal === undefined) return { tenantId: NOBODY, ip };
  return { tenantId: principal.tenantId, session: principal.id, user: principal.subjectId, ip };
}
