import { EngineError } from '@mooring/engine';
import type { SecretText } from '@mooring/engine';
import { passwordFault } from '@mooring/users';
import type { PasswordHasher, PasswordOwner } from '@mooring/users';
import { inEngineWords } from './users-error.ts';

export interface ChosenPasswordParts {
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly minLength: number;
}

/** The hash of a password that somebody chose well. @throws EngineError `invalid_argument` with the rule that it breaks, `too_busy` */
export async function hashChosen(
  password: SecretText,
  owner: PasswordOwner,
  { hasher, minLength }: ChosenPasswordParts,
): Promise<string> {
  const text = password.reveal();
  const fault = passwordFault(text, owner, { minLength });
  if (fault === undefined) return inEngineWords(hasher.hash(text));
  const message = `the password ${fault.detail}`;
  throw new EngineError({ code: 'invalid_argument', message, facts: { rule: fault.rule } });
}
