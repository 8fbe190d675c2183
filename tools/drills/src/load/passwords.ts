import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ask, verify } from './clients.ts';
import { newAddress } from './addresses.ts';
import type { Passwords } from './ledger.ts';
import { logIn } from './visits.ts';
import type { Caller, World } from './world.ts';

const PAUSE_MS = 200;

/** Changes a password, which ends the user's other sessions. */
export const PASSWORDS: Caller = {
  name: 'password changes',
  async call(world) {
    await setTimeout(PAUSE_MS);
    const { ledger } = world;
    const known = knownPasswords(world);
    const password = await settled(world, known);
    if (password === undefined) return false;
    const [own, other] = [await logInChanger(world, password), await logInChanger(world, password)];
    if (own === undefined || other === undefined) return false;
    const newPassword = `changed ${randomBytes(12).toString('base64url')}`;
    known.current = [newPassword, password];
    const asked = {
      token: own,
      body: { currentPassword: password, newPassword },
      headers: { 'x-forwarded-for': newAddress() },
    };
    // Earlier sessions that the answer does not name end with it, too.
    const others = ledger.tokensIn('live').filter((token) => CHANGERS.has(token) && token !== own && token !== other);
    for (const token of [...others, other]) ledger.tokens.set(token, 'unsure');
    const changed = await ask(world, ['auth', 'POST', '/auth/password'], asked, [204, 409]);
    if (changed === undefined) return false;
    if (changed.status === 409) {
      // Another process has ended sessions meanwhile that a change before left to it.
      known.current = [password];
      return false;
    }
    known.current = [newPassword];
    known.retired = [...known.retired, password];
    for (const token of [...others, other]) ledger.tokens.set(token, 'dead');
    return (await verify(world, other, 'query')) && (await verify(world, own, 'auth'));
  },
};

/** Tokens of users whose passwords are changed. */
const CHANGERS = new Set<string>();

async function logInChanger(world: World, password: string): Promise<string | undefined> {
  const token = await logIn(world, world.people.changer, password);
  if (token !== undefined) CHANGERS.add(token);
  return token;
}

function knownPasswords({ ledger, people: { changer } }: World): Passwords {
  const known = ledger.passwords.get(changer.username) ?? {
    username: changer.username,
    current: [changer.password],
    retired: [],
  };
  ledger.passwords.set(changer.username, known);
  return known;
}

/** The password that counts, found out where an answer was lost. */
async function settled(world: World, known: Passwords): Promise<string | undefined> {
  if (known.current.length === 1) return known.current[0];
  for (const password of known.current) {
    const asked = {
      body: { username: known.username, password },
      headers: { 'x-forwarded-for': newAddress() },
    };
    const answer = await ask(world, ['auth', 'POST', '/auth/login'], asked, [200, 401]);
    if (answer === undefined) return undefined;
    if (answer.status === 200) {
      const token = String(answer.body['token']);
      world.ledger.tokens.set(token, 'live');
      CHANGERS.add(token);
      const rest = known.current.filter((other) => other !== password);
      known.current = [password];
      known.retired = [...known.retired, ...rest];
      return password;
    }
  }
  world.ledger.faults.push('neither the new password nor the one before is taken');
  return undefined;
}
