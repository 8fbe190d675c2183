import { OPERATIONS, type Operation } from '../../stores/contender.ts';
import type { Table } from '../tables.ts';

const PEERS: readonly (readonly [name: string, backend: string, operations: readonly Operation[]])[] = [
  ['connect-pg-simple', 'postgres', ['get', 'touch', 'create', 'update', 'revoke']],
  ['@keyv/postgres', 'postgres', ['get', 'create']],
  ['connect-redis', 'redis', ['get', 'touch', 'create', 'update', 'revoke']],
  ['@keyv/redis', 'redis', ['get', 'create']],
  ['rate-limiter-flexible', 'postgres', ['consume']],
  ['rate-limiter-flexible', 'redis', ['consume']],
];

/** Our time divided by theirs. */
export const peers: Table = {
  head: ['operation', ...PEERS.map(([name, backend]) => (name.startsWith('rate') ? `${name}, ${backend}` : name))],
  alignments: ['left', ...PEERS.map(() => 'right' as const)],
  rows: (['get', 'touch', 'create', 'update', 'revoke', 'consume'] as const).map((operation) => [
    OPERATIONS[operation],
    ...PEERS.map(([name, backend, operations]) =>
      operations.includes(operation)
        ? `stores/${backend} :: check :: ${backend}, one at a time: ${OPERATIONS[operation]}, ahead of ${name}`
        : '',
    ),
  ]),
};
