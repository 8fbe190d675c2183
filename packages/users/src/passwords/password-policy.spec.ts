import { describe, expect, it } from '@jest/globals';
import { passwordFault } from './password-policy.ts';

const OWNER = { username: 'Ann.Lee@example.com', tenantId: 'acme' };
const ruleOf = (password: string, minLength = 15): string | undefined =>
  passwordFault(password, OWNER, { minLength })?.rule;

describe('passwordFault', () => {
  it.each([
    'correct horse battery staple',
    'aB3$aB3$xxQ19-.',
    'only small letters here',
    '294805716385027',
    'пароль из нескольких слов',
    '한국어로 된 긴 비밀번호 문장입니다',
    '🛶🌊🐟🏝⛵🧭🐚🦀🌞🌧⚓🪸🐙🦑🐳',
    ' leading and trailing spaces ',
    'x'.repeat(100) + ' and then something else entirely',
    'ann likes acme and mooring boats',
  ])('takes %s', (password) => {
    expect(ruleOf(password)).toBeUndefined();
  });

  it.each([
    ['fourteen chars', 'fourteen chars', 'too_short'],
    ['14 code points in 28 code units', '🛶🌊🐟🏝⛵🧭🐚🦀🌞🌧⚓🪸🐙🦑', 'too_short'],
    ['15 code units that compose to 14', 'abcdefgh-xyzze\u0301', 'too_short'],
    ['257 characters', 'correct horse '.repeat(20), 'too_long'],
    ['half a character', 'correct horse battery \ud83d', 'unreadable'],
    ['one character', 'aaaaaaaaaaaaaaaa', 'repetitive'],
    ['a short part again and again', 'Abc1Abc1Abc1Abc1Ab', 'repetitive'],
    ['counting', '0123456789012345', 'repetitive'],
    ['counting down', 'zyxwvutsrqponmlk', 'repetitive'],
    ['a common one twice', 'PasswordPassword', 'repetitive'],
    ['rows of the keyboard', 'qwertyuiopasdfghjkl', 'common'],
    ['a common one and a sequence', 'Password12345678', 'common'],
    ['two common ones', 'iloveyouprincess', 'common'],
    ['a common one in full width', 'ｐａｓｓｗｏｒｄ1234567', 'common'],
    ['a repeated common one and a sign', 'passwordpassword!', 'common'],
    ['the name of the user', 'ann.lee@example.com', 'personal'],
    ['the name before the @, and a year', 'Ann.Lee.20251234', 'personal'],
    ['the tenant and the service', 'acme-mooring-acme-1', 'personal'],
  ])('refuses %s', (_, password, rule) => {
    expect(ruleOf(password)).toBe(rule);
  });

  it('counts from the configured length', () => {
    expect(ruleOf('x7Kq9Lm2', 8)).toBeUndefined();
    expect(ruleOf('x7Kq9Lm', 8)).toBe('too_short');
    expect(ruleOf('password', 8)).toBe('common');
    expect(ruleOf('12345678', 8)).toBe('repetitive');
  });

  it('says nothing of the password', () => {
    for (const password of ['short', 'Password12345678', 'ann.lee@example.com', 'abcabcabcabcabcabc']) {
      expect(passwordFault(password, OWNER, { minLength: 15 })?.detail).not.toContain(password.slice(0, 5));
    }
  });
});
