import { setTimeout as wait } from 'node:timers/promises';
import type { LoginAttempt, LoginGuard } from '@mooring/auth-tokens';
import { loginAccount } from '@mooring/users';
import type { PasswordHasher, UserWithPassword } from '@mooring/users';

export interface PasswordAttempt {
  /** As typed. */
  readonly username: string;
  readonly password: string;
  readonly address: string | undefined;
  /** Whoever asks is logged in already: a lock of the account everywhere does not keep them out. */
  readonly knownDevice?: boolean;
}

export type PasswordAnswer =
  | { readonly ok: true; readonly user: UserWithPassword; readonly outdated: boolean }
  /** No such user, a disabled or locked one, or another password: nobody can tell which. */
  | { readonly ok: false; readonly reason: 'wrong' }
  | { readonly ok: false; readonly reason: 'too_many_attempts'; readonly retryAfterMs: number };

export interface GuardedPasswordsParts {
  readonly guard: LoginGuard;
  readonly passwords: Pick<PasswordHasher, 'verify' | 'verifyInVain'>;
  readonly findUser: (username: string) => Promise<UserWithPassword | undefined>;
}

/** Looks at passwords behind the login guard. Whatever is wrong, the same work is done, so that it takes as long. */
export class GuardedPasswords {
  constructor(private readonly parts: GuardedPasswordsParts) {}

  async check(attempt: PasswordAttempt): Promise<PasswordAnswer> {
    const { guard, passwords, findUser } = this.parts;
    const admission = await guard.admit(attemptOf(attempt));
    if (!admission.admitted && admission.reason !== 'account_locked') {
      return { ok: false, reason: 'too_many_attempts', retryAfterMs: admission.retryAfterMs };
    }
    if (admission.admitted && admission.delayMs > 0) await wait(admission.delayMs);
    const user = await findUser(attempt.username);
    if (!admission.admitted) {
      await passwords.verifyInVain(attempt.password);
      return { ok: false, reason: 'wrong' };
    }
    if (user !== undefined && !user.disabled) {
      const { matches, outdated } = await passwords.verify(user.passwordHash, attempt.password);
      if (matches) return { ok: true, user, outdated };
    } else {
      await passwords.verifyInVain(attempt.password);
    }
    await guard.failed(attemptOf(attempt));
    return { ok: false, reason: 'wrong' };
  }

  /** The attempt was a login, and went well: the account starts afresh. */
  async succeeded(attempt: PasswordAttempt): Promise<void> {
    await this.parts.guard.succeeded(attemptOf(attempt));
  }

  /** Lets an account in again, from everywhere and from this address, though nobody logged in. */
  async unlock(username: string, address: string | undefined): Promise<void> {
    await this.parts.guard.unlock(attemptOf({ username, address }));
  }
}

function attemptOf({ username, address, knownDevice = false }: Omit<PasswordAttempt, 'password'>): LoginAttempt {
  return { ...loginAccount(username), address, knownDevice };
}
