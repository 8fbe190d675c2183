import type { EpochMs } from '@mooring/session-store';
import type { PolicyDecision, RateDecision } from './rate-limiter.ts';

/**
 * Headers of an answer: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), `RateLimit-Limit`,
 * `-Remaining` and `-Reset` (its earlier form, in seconds) of the policy with least left, and Retry-After where refused.
 * Seconds are rounded up: who comes back then is not refused again for being early.
 */
export function rateLimitHeaders(
  { allowed, retryAfterMs, decisions }: RateDecision,
  now: EpochMs,
): Record<string, string> {
  const [tightest] = [...decisions].sort((left, right) => left.remaining - right.remaining);
  if (tightest === undefined) return {};
  return {
    'RateLimit-Policy': decisions
      .map(({ policy }) => `${item(policy)};q=${policy.limit};w=${seconds(policy.windowMs)}`)
      .join(', '),
    RateLimit: decisions
      .map((decision) => `${item(decision.policy)};r=${decision.remaining};t=${resetIn(decision, now)}`)
      .join(', '),
    'RateLimit-Limit': String(tightest.limit),
    'RateLimit-Remaining': String(tightest.remaining),
    'RateLimit-Reset': String(resetIn(tightest, now)),
    ...(allowed ? {} : { 'Retry-After': String(Math.max(1, seconds(retryAfterMs))) }),
  };
}

function item({ name, scope }: { readonly name: string; readonly scope: string }): string {
  return `"${name}-${scope}"`;
}

function resetIn({ resetAt }: PolicyDecision, now: EpochMs): number {
  return Math.max(0, seconds(resetAt - now));
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
