import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Contender } from '../stores/contender.ts';
import { RULE } from '../stores/store-contender.ts';

const OPTIONS = { points: RULE.limit, duration: RULE.windowMs / 1000, keyPrefix: 'rlf' };

function contenderOf(limiter: RateLimiterAbstract): Contender {
  return {
    name: 'rate-limiter-flexible',
    how: { consume: 'fixed window' },
    operations: { consume: (name) => limiter.consume(name) },
  };
}

export async function rateLimiterPostgres(pool: Pool): Promise<Contender> {
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const made: RateLimiterPostgres = new RateLimiterPostgres(
      { ...OPTIONS, storeClient: pool, tableName: 'rate_limiter_flexible', clearExpiredByTimeout: false },
      (error) => (error === undefined || error === null ? resolve(made) : reject(error)),
    );
  });
  return contenderOf(limiter);
}

export function rateLimiterRedis(client: Redis): Contender {
  return contenderOf(new RateLimiterRedis({ ...OPTIONS, storeClient: client }));
}
