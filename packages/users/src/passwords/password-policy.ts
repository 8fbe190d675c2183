import { breachedPasswords } from './breached-passwords.ts';

/** Code points, not bytes: what a person counts as characters. */
const LONGEST_PASSWORD = 256;

export type PasswordRule = 'too_short' | 'too_long' | 'unreadable' | 'common' | 'repetitive' | 'personal';

export interface PasswordFault {
  readonly rule: PasswordRule;
  /** For whoever chose it. Never holds any of it. */
  readonly detail: string;
}

/** Words that belong to the account: its user, its tenant. */
export interface PasswordOwner {
  readonly username: string;
  readonly tenantId: string;
}

const SERVICE = 'mooring';
const SHORTEST_WORD = 3;
/** A part up to this long is no secret, however often it is repeated. */
const LONGEST_PERIOD = 4;
/** Before or after a password that is tried first, so many characters make no difference. */
const LONGEST_TRIFLE = 2;

/**
 * What is wrong with a password, or undefined (NIST SP 800-63B-4 section 3.1.1.2): length, and nothing that is tried first. No
 * rules about which characters it has.
 */
export function passwordFault(
  password: string,
  owner: PasswordOwner,
  { minLength }: { readonly minLength: number },
): PasswordFault | undefined {
  const written = password.normalize('NFC');
  const { length } = codePointsOf(written);
  if (/\p{Cs}/u.test(written))
    return { rule: 'unreadable', detail: 'has half a character, which no keyboard can type' };
  if (length < minLength) return { rule: 'too_short', detail: `must have at least ${minLength} characters` };
  if (length > LONGEST_PASSWORD)
    return { rule: 'too_long', detail: `must not have more than ${LONGEST_PASSWORD} characters` };
  const folded = fold(written);
  if (isRepetitive(folded)) return { rule: 'repetitive', detail: 'repeats itself, or counts up or down' };
  if (isCommon(folded)) {
    return { rule: 'common', detail: 'is made of passwords that were found in breaches: they are tried first' };
  }
  if (isPersonal(folded, owner)) {
    return { rule: 'personal', detail: 'is made of the name of the user, the tenant or the service' };
  }
  return undefined;
}

function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** One such password, or two in a row; a repetition or a sequence counts as one. */
function isCommon(folded: string): boolean {
  if (isTriedFirst(folded)) return true;
  for (let end = 1; end < folded.length; end += 1) {
    if (isTriedFirst(folded.slice(0, end)) && isTriedFirst(folded.slice(end))) return true;
  }
  return false;
}

function isTriedFirst(part: string): boolean {
  return part.length <= LONGEST_TRIFLE || breachedPasswords.has(part) || isRepetitive(part);
}

function isRepetitive(text: string): boolean {
  const period = periodOf(text);
  if (period < text.length && (period <= LONGEST_PERIOD || breachedPasswords.has(text.slice(0, period)))) return true;
  return isSequence(codePointsOf(text));
}

/** The length of the part that the text repeats, at least twice; its own length where it repeats none. */
function periodOf(text: string): number {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.startsWith(text.slice(period))) return period;
  }
  return text.length;
}

/** `abcdef…`, `98765…`, with 0 after 9. */
function isSequence(characters: readonly number[]): boolean {
  const steps = characters.slice(1).map((character, index) => character - (characters[index] ?? 0));
  return steps.length > 1 && [1, -1].some((step) => steps.every((other) => other === step || other === -9 * step));
}

/** Nothing but these words, and signs and digits around them. */
function isPersonal(folded: string, { username, tenantId }: PasswordOwner): boolean {
  const words = [username, tenantId, SERVICE, ...username.split('@')]
    .map(fold)
    .filter((word) => word.length >= SHORTEST_WORD);
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), folded);
  return rest.length < folded.length && !/\p{L}/u.test(rest);
}
