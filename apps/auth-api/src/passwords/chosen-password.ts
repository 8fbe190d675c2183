import { ProblemError } from '@mooring/nest-runtime';
import { passwordFault } from '@mooring/users';
import type { PasswordOwner } from '@mooring/users';

/** Refuses a password that somebody chose, and says by which rule. @throws ProblemError */
export function assertChosenWell(
  password: string,
  owner: PasswordOwner,
  policy: { readonly minLength: number },
  pointer: string,
): void {
  const fault = passwordFault(password, owner, policy);
  if (fault === undefined) return;
  throw new ProblemError('weak_password', `The password ${fault.detail}.`, {
    errors: [{ pointer, detail: fault.detail }],
    members: { rule: fault.rule },
  });
}
