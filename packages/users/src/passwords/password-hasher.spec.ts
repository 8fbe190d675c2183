import { describe, expect, it } from '@jest/globals';
import { PasswordHasher, PasswordQueueFull } from './password-hasher.ts';
import type { PasswordHasherOptions } from './password-hasher.ts';

const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };

function hasher(change: Partial<PasswordHasherOptions> = {}): PasswordHasher {
  return new PasswordHasher({ cost: CHEAP, atOnce: 2, maxWaiting: 10, ...change });
}

describe('PasswordHasher', () => {
  it('hashes by argon2id with the cost that it was given, and never twice alike', async () => {
    const passwords = hasher();
    const [one, other] = [await passwords.hash('a password'), await passwords.hash('a password')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify(one, 'a password')).toEqual({ matches: true, outdated: false });
    expect(await passwords.verify(one, 'a passwore')).toEqual({ matches: false, outdated: false });
  });

  it('takes a password in either form of its accents', async () => {
    const passwords = hasher();
    expect((await passwords.verify(await passwords.hash('caf\u00e9'), 'cafe\u0301')).matches).toBe(true);
  });

  it.each([{ memoryKib: 128 }, { passes: 2 }, { lanes: 2 }])('knows a hash of another cost: %p', async (change) => {
    const made = await hasher({ cost: { ...CHEAP, ...change } }).hash('a password');
    expect(await hasher().verify(made, 'a password')).toEqual({ matches: true, outdated: true });
  });

  it('looks at nobody’s password at the same cost', async () => {
    const passwords = hasher();
    await passwords.verifyInVain('a password');
    expect(passwords.total).toBe(1);
  });

  it('has a bounded number at work and in line, and refuses the rest at once', async () => {
    const passwords = hasher({ atOnce: 2, maxWaiting: 3 });
    const work = Array.from({ length: 20 }, () => passwords.hash('a password'));
    const outcomes = await Promise.allSettled(work);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(15);
    expect(refused[0]).toMatchObject({ reason: expect.any(PasswordQueueFull) });
    expect([passwords.running, passwords.waiting, passwords.total]).toEqual([0, 0, 5]);
  });

  it('leaves the event loop its turns: there is one between any two that are hashed', async () => {
    const passwords = hasher({ atOnce: 1 });
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const doneAt = Array.from({ length: 5 }, () => passwords.hash('a password').then(() => turns));
    const seen = await Promise.all(doneAt);
    over = true;
    expect(new Set(seen).size).toBe(5);
  });
});
