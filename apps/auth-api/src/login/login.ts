import type { AuthTokens, ClientDetails, IssuedToken } from '@mooring/auth-tokens';
import { PasswordQueueFull, UserDatabaseError } from '@mooring/users';
import type { PasswordHasher, User, UserWithPassword, Users } from '@mooring/users';
import type { GuardedPasswords } from './guarded-passwords.ts';
import { claimsOf } from './token-claims.ts';

export interface LoginRequest {
  readonly username: string;
  readonly password: string;
  readonly rememberMe?: boolean | undefined;
  readonly client: ClientDetails;
}

export type LoginAnswer =
  | { readonly ok: true; readonly issued: IssuedToken; readonly user: User }
  | { readonly ok: false; readonly reason: 'wrong' | 'too_many_sessions' }
  | { readonly ok: false; readonly reason: 'too_many_attempts'; readonly retryAfterMs: number };

export interface LoginParts {
  readonly guarded: Pick<GuardedPasswords, 'check' | 'succeeded'>;
  readonly passwords: Pick<PasswordHasher, 'hash'>;
  readonly tokens: Pick<AuthTokens, 'issue' | 'revokeSession'>;
  readonly users: Pick<Users, 'findById' | 'rehash'>;
}

export class Login {
  constructor(private readonly parts: LoginParts) {}

  async login({ username, password, rememberMe = false, client }: LoginRequest): Promise<LoginAnswer> {
    const { guarded, tokens } = this.parts;
    const attempt = { username, password, address: client.address };
    const checked = await guarded.check(attempt);
    if (!checked.ok) return checked;
    const { user } = checked;
    const issued = await tokens.issue({
      tenantId: user.tenantId,
      subjectId: user.id,
      claims: claimsOf(user, rememberMe),
      rememberMe,
      client,
    });
    if (!issued.ok) {
      await guarded.succeeded(attempt);
      return { ok: false, reason: 'too_many_sessions' };
    }
    if (!(await this.isStillSo(user))) {
      const { tenantId, id } = issued.value.principal;
      await tokens.revokeSession({ tenantId, id }, user.id, 'user changed during the login');
      return { ok: false, reason: 'wrong' };
    }
    await guarded.succeeded(attempt);
    if (checked.outdated) await this.rehash(user, password);
    return { ok: true, issued: issued.value, user };
  }

  /**
   * Read after the session is there: a change that is not seen here is written later, and ends the sessions, this one too,
   * later still.
   */
  private async isStillSo(user: User): Promise<boolean> {
    return (await this.parts.users.findById(user.id))?.version === user.version;
  }

  /** The next login tries again. */
  private async rehash(user: UserWithPassword, password: string): Promise<void> {
    try {
      await this.parts.users.rehash(user, await this.parts.passwords.hash(password));
    } catch (error) {
      if (!(error instanceof PasswordQueueFull || error instanceof UserDatabaseError)) throw error;
    }
  }
}
