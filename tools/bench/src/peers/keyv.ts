import KeyvPostgres from '@keyv/postgres';
import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import type { PoolConfig } from 'pg';
import type { Ends } from '../backends/backend.ts';
import type { Contender } from '../stores/contender.ts';
import { DATA, IDLE_TIMEOUT_MS } from '../stores/visitors.ts';

const SEMANTICS = 'last write wins';

function contenderOf(name: string, keyv: Keyv, statements: { readonly get: string; readonly set: string }): Contender {
  return {
    name,
    how: { get: `${statements.get} (${SEMANTICS})`, create: `${statements.set} (${SEMANTICS})` },
    operations: {
      get: async ({ id }) => {
        const found = await keyv.get<unknown>(id);
        if (found === undefined) throw new Error('the peer did not find the session');
        return found;
      },
      create: ({ id }) => keyv.set(id, DATA, IDLE_TIMEOUT_MS),
    },
  };
}

function keyvOn(store: KeyvPostgres | KeyvRedis<unknown>, ends: Ends): Keyv {
  const keyv = new Keyv({ store, throwOnErrors: true });
  keyv.on('error', () => undefined);
  ends.add(() => keyv.disconnect());
  return keyv;
}

/** Its pool is one for the whole process, by the URL that was used last: not two of them at once. */
export async function keyvPostgres(url: string, pool: PoolConfig, ends: Ends): Promise<Contender> {
  const keyv = keyvOn(new KeyvPostgres({ uri: url, ...pool }), ends);
  await keyv.set('first', DATA);
  return contenderOf('@keyv/postgres', keyv, { get: 'get', set: 'set, an upsert' });
}

export async function keyvRedis(url: string, ends: Ends): Promise<Contender> {
  const keyv = keyvOn(new KeyvRedis(url), ends);
  await keyv.set('first', DATA);
  return contenderOf('@keyv/redis', keyv, { get: 'GET', set: 'SET PX' });
}
