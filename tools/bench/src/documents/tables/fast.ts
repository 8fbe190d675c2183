import type { Table } from '../tables.ts';

const row = (promise: string, target: string, where: string, check: string): readonly string[] => [
  promise,
  target,
  `${where} :: check :: ${check} :: most`,
  `${where} :: check :: ${check} :: verdict`,
];

const STORES = ['postgres', 'redis'] as const;
const NAMES = { postgres: 'PostgreSQL', redis: 'Redis' };

const onStores = (promise: string, target: string, operation: string): readonly (readonly string[])[] =>
  STORES.map((store) =>
    row(`${promise}, ${NAMES[store]}`, target, `stores/${store}`, `${store}, one at a time: ${operation} / raw`),
  );

/** What the design calls fast, and whether it is. */
export const fast: Table = {
  head: ['promised', 'target', 'measured', ''],
  alignments: ['left', 'right', 'right', 'left'],
  rows: [
    ...onStores('verify / one raw read', '<= 1.15', 'verify (touch, not due)'),
    ...onStores('verify and touch / one raw conditional write', '<= 1.2', 'verify and touch (due)'),
    ...onStores('consume / one raw `INCR`', '<= 1.25', 'consume'),
    ...STORES.map((store) =>
      row(
        `p99 of the slowest store operation in ms, 1000 concurrent sessions, ${NAMES[store]}`,
        '< 5',
        `stores/${store}`,
        `${store}, 1000 sessions:`,
      ),
    ),
    row('hit ratio of session reuse in steady load, %', '> 99', 'session-reuse/all', 'hit ratio'),
    row('latency below that without reuse, %', '>= 80', 'session-reuse/all', 'latency below no reuse'),
    row('store round trips of a hit', '0', 'session-reuse/all', 'store round trips per hit'),
    row('bytes of an `ExecutionContext`', '< 200', 'engine/contexts', 'bytes of an ExecutionContext'),
    row('ns to make one', '< 1000', 'engine/contexts', 'ns for an ExecutionContext'),
  ],
};
