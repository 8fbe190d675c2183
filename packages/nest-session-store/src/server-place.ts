import type { BackendName, SessionStoreOptions } from './options.ts';

/** Where something of a store is, without credentials, such as `db:5432/mooring`, and the variable that says so. */
export interface ServerPlace {
  readonly place: string;
  readonly variable: string;
}

/** Where the options have this backend: what all processes that share the store must have in common. */
export function serverPlace(options: Omit<SessionStoreOptions, 'namespace'>, backend: BackendName): ServerPlace {
  const { database, redis, sqlite, dynamodb } = options;
  switch (backend) {
    case 'postgres':
      return { place: ofUrl(database?.url, 5432), variable: 'DATABASE_URL' };
    case 'redis':
      if (redis?.cluster !== undefined) {
        return { place: ofNodes(redis.cluster.nodes, 6379), variable: 'MOORING_REDIS_CLUSTER' };
      }
      if (redis?.sentinel !== undefined) {
        const { name, nodes } = redis.sentinel;
        return { place: `${name} of ${ofNodes(nodes, 26_379)}`, variable: 'MOORING_REDIS_SENTINELS' };
      }
      return { place: ofUrl(redis?.url, 6379), variable: 'REDIS_URL' };
    case 'sqlite':
      return { place: `the file ${sqlite?.file ?? ''}`, variable: 'MOORING_SQLITE_FILE' };
    case 'dynamodb':
      return { place: `the table ${dynamodb?.table ?? ''}`, variable: 'MOORING_DYNAMODB_TABLE' };
    default:
      return { place: 'memory', variable: 'MOORING_SESSION_STORE' };
  }
}

function ofUrl(url: string | undefined, usualPort: number): string {
  if (url === undefined || !URL.canParse(url)) return 'the server';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? usualPort : port}${pathname === '/' ? '' : pathname}`;
}

function ofNodes(nodes: readonly { readonly host: string; readonly port?: number }[], usualPort: number): string {
  return nodes.map(({ host, port = usualPort }) => `${host}:${port}`).join(', ');
}
