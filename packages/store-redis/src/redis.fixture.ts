import { Redis } from 'ioredis';

/** Every key and value of a server, as text. */
export async function dump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const parts: string[] = [];
    for (const key of await redis.keys('*')) parts.push(key, await valueOf(redis, key));
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, 0, -1));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    default:
      return (await redis.get(key)) ?? '';
  }
}
