import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RateLimitGuard } from '@mooring/nest-access';
import { RateLimitStore } from '@mooring/session-store';
import type { RatePolicy } from '@mooring/usage-limits';

/** How often logins may be tried from one address, whatever becomes of them. */
export const LoginRateLimit = Symbol('LoginRateLimit');

@Injectable()
export class LoginRateLimitGuard extends RateLimitGuard {
  constructor(
    @Inject(RateLimitStore) limits: RateLimitStore,
    @Inject(Reflector) reflector: Reflector,
    @Inject(LoginRateLimit) policies: readonly RatePolicy[],
  ) {
    super(limits, reflector, policies);
  }
}
