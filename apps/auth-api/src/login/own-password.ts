import { AccessError } from '@mooring/nest-access';
import { ProblemError } from '@mooring/nest-runtime';
import type { PasswordHasher, SessionEnds, Users } from '@mooring/users';
import { assertChosenWell } from '../passwords/chosen-password.ts';
import type { GuardedPasswords } from './guarded-passwords.ts';
import type { Caller } from './token-claims.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface OwnPasswordParts {
  readonly guarded: GuardedPasswords;
  readonly passwords: PasswordHasher;
  readonly users: Users;
  readonly ends: SessionEnds;
  readonly minLength: number;
}

/** A user's own password: whoever has a session of theirs must know it to change it. */
export class OwnPassword {
  constructor(private readonly parts: OwnPasswordParts) {}

  /** All other sessions end. @throws ProblemError, AccessError */
  async change(caller: Caller, { currentPassword, newPassword }: PasswordChange, session: OwnSession): Promise<void> {
    const { guarded, passwords, users, ends, minLength } = this.parts;
    assertChosenWell(newPassword, caller, { minLength }, '#/newPassword');
    const { username } = caller;
    const attempt = { username, password: currentPassword, address: session.address, knownDevice: true };
    const checked = await guarded.check(attempt);
    if (!checked.ok && checked.reason === 'too_many_attempts') {
      throw new AccessError(
        'too_many_requests',
        'There were too many attempts; see Retry-After.',
        checked.retryAfterMs,
      );
    }
    if (!checked.ok || checked.user.id !== caller.id) throw wrongPassword();
    const changed = await users.change(checked.user, { passwordHash: await passwords.hash(newPassword) });
    if (!changed.ok) throw new ProblemError('user_changed', 'The user was changed meanwhile. Try again.');
    await ends.end(changed.value, session.id);
    await guarded.unlock(username, session.address);
  }
}

/** The session that asks, and where from. */
export interface OwnSession {
  readonly id: string;
  readonly address: string | undefined;
}

function wrongPassword(): ProblemError {
  return new ProblemError('wrong_password', 'The current password is not right.', {
    errors: [{ pointer: '#/currentPassword', detail: 'is not right' }],
  });
}
