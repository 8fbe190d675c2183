import { CachedTokens, sessionLabel } from '@mooring/auth-tokens';
import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import type { TokenVerifier } from '@mooring/nest-access';
import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { findPrincipal } from './api-tokens.ts';
import type { ApiToken } from './api-tokens.ts';

/** Tokens of the configuration never end. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Tokens that the auth API issued, looked up in the shared store, and those of the configuration. */
export class ApiTokenVerifier implements TokenVerifier {
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
    const { tenantId, userId, dbUser } = principal;
    return ok({
      tenantId,
      id: `configured-${sessionLabel(token)}`,
      subjectId: userId,
      claims: { role: 'service', configured: true, ...(dbUser === undefined ? {} : { dbUser }) },
      authenticatedAt: 0,
      idleExpiresAt: NEVER,
      absoluteExpiresAt: NEVER,
      superseded: false,
    });
  }
}
