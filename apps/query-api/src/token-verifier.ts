import { CachedTokens, sessionLabel } from '@mooring/auth-tokens';
import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import type { TokenVerifier } from '@mooring/nest-access';
import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { findPrincipal } from './api-tokens.ts';
import type { ApiToken, Principal } from './api-tokens.ts';

/** Tokens of the configuration never end. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Tokens that the auth API issued, looked up in the shared store, and those of the configuration. */
export class ApiTokenVerifier implements TokenVerifier {
  /** Of tokens of the configuration, made once: a label is a hash. */
  private readonly holders = new Map<Principal, TokenHolder>();

  constructor(
    private readonly prefix: string,
    private readonly issued: Pick<CachedTokens, 'verify'>,
    private readonly configured: readonly ApiToken[],
  ) {}

  async verify(token: unknown): Promise<Result<TokenHolder, 'invalid'>> {
    if (typeof token !== 'string') return refused('invalid');
    if (token.startsWith(`${this.prefix}_`)) return this.issued.verify(token);
    const principal = findPrincipal(this.configured, token);
    if (principal === undefined) return refused('invalid');
    const holder = this.holders.get(principal) ?? holderOf(principal, token);
    this.holders.set(principal, holder);
    return ok(holder);
  }
}

function holderOf({ tenantId, userId, dbUser }: Principal, token: string): TokenHolder {
  return Object.freeze({
    tenantId,
    id: `configured-${sessionLabel(token)}`,
    subjectId: userId,
    claims: Object.freeze({ role: 'service', configured: true, ...(dbUser === undefined ? {} : { dbUser }) }),
    authenticatedAt: 0,
    idleExpiresAt: NEVER,
    absoluteExpiresAt: NEVER,
    superseded: false,
  });
}
