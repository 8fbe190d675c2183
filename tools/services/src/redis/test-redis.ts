import { randomBytes } from 'node:crypto';
import { readConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import { startRedis, type RedisServer } from './redis-server.ts';
import { runRedisCommands, type Reply } from './resp.ts';

/** A Redis for one spec file. */
export interface TestRedis {
  readonly url: string;
  /** Makes a unique prefix for keys, so that specs on one server do not meet. */
  createPrefix(): string;
  /** Removes the keys under the prefixes made here and stops the server if it was started here. */
  stop(): Promise<void>;
}

async function removeKeys(url: string, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [reply] = await runRedisCommands(url, [['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000']]);
    const [next, keys] = reply as readonly [string, readonly string[]];
    if (keys.length > 0) await runRedisCommands(url, [['UNLINK', ...keys]]);
    cursor = next;
  } while (cursor !== '0');
}

async function ping(url: string): Promise<Reply | undefined> {
  try {
    return (await runRedisCommands(url, [['PING']]))[0];
  } catch (error) {
    const { host } = new URL(url);
    throw new ServiceError(
      'unreachable',
      `Redis at ${host} does not answer: ${(error as Error).message}. Remedy: check MOORING_TEST_REDIS_URL.`,
      { cause: error },
    );
  }
}

/** The server that MOORING_TEST_REDIS_URL names, else one of its own. */
export async function testRedis(externalUrl = readConfig().redisUrl): Promise<TestRedis> {
  if (externalUrl !== undefined) await ping(externalUrl);
  const own: RedisServer | undefined = externalUrl === undefined ? await startRedis() : undefined;
  const url = externalUrl ?? (own as RedisServer).url;
  const prefixes: string[] = [];
  return {
    url,
    createPrefix: () => {
      const prefix = `mooring-test-${randomBytes(6).toString('hex')}:`;
      prefixes.push(prefix);
      return prefix;
    },
    stop: async () => {
      if (own === undefined) {
        for (const prefix of prefixes.splice(0)) await removeKeys(url, `*${prefix}*`);
      } else {
        await own.stop();
      }
    },
  };
}
