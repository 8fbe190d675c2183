/** Where sessions are kept: `failover` is PostgreSQL with copies in Redis. */
export const BACKENDS = ['postgres', 'redis', 'sqlite', 'dynamodb', 'failover'] as const;
export type Backend = (typeof BACKENDS)[number];
