import { dictionary } from '@zxcvbn-ts/language-common';

/** Passwords that were found in breaches again and again, in lower case; what an attacker tries first. */
export const breachedPasswords: ReadonlySet<string> = new Set(dictionary['passwords-common']);
