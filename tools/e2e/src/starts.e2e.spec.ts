import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve as serveAuth } from '@mooring/auth-api';
import { serve as serveWorker } from '@mooring/cleanup-worker';
import { serve as serveQuery } from '@mooring/query-api';
import { guardRole, startPostgres, startRedis } from '@mooring/services';
import type { PostgresServer, RedisServer } from '@mooring/services';

type Env = Readonly<Record<string, string>>;

/** Each in this process, as its environment says. */
const SERVICES: readonly (readonly [string, (env: Env) => Promise<unknown>])[] = [
  ['auth-api', (env) => serveAuth(env, false)],
  ['query-api', (env) => serveQuery(env, false)],
  ['cleanup-worker', (env) => serveWorker(env, { handleSignals: false })],
];
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'auth-api': ['sessions', 'users'],
  'query-api': ['sessions', 'users', 'catalog'],
  'cleanup-worker': ['sessions', 'catalog'],
};

let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis({ password: 'open sesame' })]);
  await guardRole(postgres, { name: 'guarded', password: 'right-word' });
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

function asGuarded(password: string): Env {
  const url = new URL(postgres.url);
  [url.username, url.password] = ['guarded', password];
  return {
    DATABASE_URL: url.href,
    REDIS_URL: redis.url,
    MOORING_PORT: '0',
    MOORING_LOG_LEVEL: 'silent',
    MOORING_DATA_DIR: '/dev/null/data',
  };
}

async function failureOf(start: Promise<unknown>): Promise<string> {
  return start.then(
    () => 'it started',
    (error: Error) => error.message,
  );
}

describe.each(SERVICES)('%s', (name, serve) => {
  const own = (env: Env): Env => {
    if (name !== 'auth-api') return env;
    const { MOORING_DATA_DIR: _, ...rest } = env;
    return rest;
  };

  it('does not start with wrong passwords, and says both at once, but neither', async () => {
    const wrong = redis.url.replace('open%20sesame', 'wrong-word');
    const said = await failureOf(serve(own({ ...asGuarded('wrong-word'), REDIS_URL: wrong })));
    expect(said).toMatch(/^ {2}DATABASE_URL: .* refuses the password\. Correct user and password in DATABASE_URL$/m);
    expect(said).toMatch(/^ {2}REDIS_URL: .* refuses the user or the password\. Correct REDIS_PASSWORD/m);
    expect(said.match(/DATABASE_URL: /g)).toHaveLength(1);
    expect(said).not.toMatch(/wrong-word|right-word/);
  });

  it('does not start on schemas that its user may not bring up to date, and says each', async () => {
    const said = await failureOf(serve(own(asGuarded('right-word'))));
    const faults = said.split('\n').filter((line) => line.startsWith('  DATABASE_URL: '));
    expect(faults.map((line) => /(\w+) is at version 0/.exec(line)?.[1])).toEqual(PARTS[name]);
    for (const fault of faults) expect(fault).toContain('Run npx mooring migrate');
    expect(said.includes('MOORING_DATA_DIR: names a folder')).toBe(name === 'query-api');
  });
});
