import type { Table } from '../tables.ts';

const one = (backend: string, operation: string, value: string): string =>
  `stores/${backend} :: ${backend}, one at a time: ${operation} :: mooring :: ${value}`;

/** The figures that the README shows. */
export const readme: Table = {
  head: ['what', 'Mooring', 'next to'],
  alignments: ['left', 'right', 'left'],
  rows: [
    [
      'a statement on a reused warehouse session, at 250 ms to connect',
      'session-reuse/all :: latency / bare SDK, one open session :: reuse, sequential :: p50',
      'session-reuse/all :: latency / bare SDK, one open session :: no reuse :: p50 + with a connection for each; + ' +
        'session-reuse/all :: latency / bare SDK, one open session :: bare SDK, one open session :: p50 + by hand with the SDK',
    ],
    [
      'a token verified on PostgreSQL',
      one('postgres', 'verify (touch, not due)', 'p50'),
      `${one('postgres', 'verify (touch, not due)', 'ratio')} + x a read by primary key`,
    ],
    [
      'verified and its idle deadline moved',
      one('postgres', 'verify and touch (due)', 'p50'),
      `${one('postgres', 'verify and touch (due)', 'ratio')} + x one conditional write; + ` +
        'stores/postgres :: check :: postgres, one at a time: verify and touch (due), ahead of connect-pg-simple + x connect-pg-simple',
    ],
    [
      'a token verified on Redis',
      one('redis', 'verify (touch, not due)', 'p50'),
      `${one('redis', 'verify (touch, not due)', 'ratio')} + x \`GET\``,
    ],
    [
      'a request counted in an exact window over all pods, on PostgreSQL',
      one('postgres', 'consume', 'p50'),
      `${one('postgres', 'consume', 'ratio')} + x an upserted counter`,
    ],
    ['the same on Redis', one('redis', 'consume', 'p50'), `${one('redis', 'consume', 'ratio')} + x \`INCR\``],
    [
      '1,000,000 rows from DuckDB over HTTP, as Arrow',
      'engine/streams :: 1,000,000 rows: over HTTP :: Arrow :: p50',
      'engine/streams :: 1,000,000 rows: DuckDB into a file :: CSV :: p50 + for DuckDB to write them into a file as CSV',
    ],
    [
      'p99 of all store operations, 1000 concurrent sessions, Redis',
      'stores/redis :: redis, 1000 sessions: all calls :: mooring :: p99',
      'stores/postgres :: postgres, 1000 sessions: all calls :: mooring :: p99 + on PostgreSQL',
    ],
  ],
};
