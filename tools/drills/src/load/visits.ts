import type { KnownUser } from '@mooring/e2e';
import { newAddress } from './addresses.ts';
import { ask, verify } from './clients.ts';
import type { Caller, World } from './world.ts';

/** One of so many sessions stays, to be read back at the end. */
const KEPT_OF = 3;

let turn = 0;

/** A token, or undefined when the login was not answered with one. */
export async function logIn(
  world: World,
  { username }: Pick<KnownUser, 'username'>,
  password: string,
): Promise<string | undefined> {
  const asked = { body: { username, password }, headers: { 'x-forwarded-for': newAddress() } };
  const answer = await ask(world, ['auth', 'POST', '/auth/login'], asked, [200]);
  if (answer === undefined) return undefined;
  const token = String(answer.body['token']);
  world.ledger.tokens.set(token, 'live');
  return token;
}

/** Logs in, is known everywhere, takes a new token, logs out, and is known nowhere. */
export const VISITS: Caller = {
  name: 'visits',
  async call(world) {
    const { ledger, people } = world;
    turn += 1;
    const first = await logIn(world, people.visitor, people.visitor.password);
    if (first === undefined || !(await verify(world, first, 'auth')) || !(await verify(world, first, 'query')))
      return false;
    const token = await refreshed(world, first);
    if (token === undefined || !(await verify(world, token, 'query'))) return false;
    if (world.keepsSessions && turn % KEPT_OF === 0) return true;
    ledger.tokens.set(token, 'unsure');
    const logout = await ask(world, ['auth', 'POST', '/auth/logout'], { token }, [204]);
    if (logout === undefined) return false;
    ledger.tokens.set(token, 'dead');
    return (await verify(world, token, 'query')) && (await verify(world, token, 'auth'));
  },
};

async function refreshed(world: World, token: string): Promise<string | undefined> {
  const { ledger } = world;
  ledger.tokens.set(token, 'unsure');
  const answer = await ask(world, ['auth', 'POST', '/auth/refresh'], { token }, [200]);
  if (answer === undefined) return undefined;
  ledger.tokens.set(token, 'replaced');
  const successor = String(answer.body['token']);
  ledger.tokens.set(successor, 'live');
  return successor;
}
