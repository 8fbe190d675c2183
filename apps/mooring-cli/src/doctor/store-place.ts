import type { StoreSettings } from '../config.ts';
import type { ServerPlace } from './store-failure.ts';

/** Where the database is, as it may be printed: what all processes must have in common. */
export function databasePlace({ database }: StoreSettings): ServerPlace {
  return { check: 'database', place: placeOf(database?.url, 5432), variable: 'DATABASE_URL' };
}

export function redisPlace({ redis }: StoreSettings): ServerPlace {
  const check = 'redis';
  if (redis?.cluster !== undefined) {
    return { check, place: hosts(redis.cluster.nodes, 6379), variable: 'MOORING_REDIS_CLUSTER' };
  }
  if (redis?.sentinel !== undefined) {
    const place = `${redis.sentinel.name} of ${hosts(redis.sentinel.nodes, 26_379)}`;
    return { check, place, variable: 'MOORING_REDIS_SENTINELS' };
  }
  return { check, place: placeOf(redis?.url, 6379), variable: 'REDIS_URL' };
}

function placeOf(url: string | undefined, usualPort: number): string {
  if (url === undefined || !URL.canParse(url)) return 'the server';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? usualPort : port}${pathname === '/' ? '' : pathname}`;
}

function hosts(nodes: readonly { readonly host: string; readonly port?: number }[], usualPort: number): string {
  return nodes.map(({ host, port = usualPort }) => `${host}:${port}`).join(', ');
}
