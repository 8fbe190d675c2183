import { OPERATIONS } from '../../stores/contender.ts';
import type { Table } from '../tables.ts';

const SHOWN = Object.values(OPERATIONS);
const BACKENDS = ['postgres', 'redis'];

/** Every operation next to the bare driver, on the stores that clusters use. */
export const stores: Table = {
  head: ['operation', 'PostgreSQL, p50', 'to the driver', 'Redis, p50', 'to the driver'],
  alignments: ['left', 'right', 'right', 'right', 'right'],
  rows: SHOWN.map((operation) => [
    operation,
    ...BACKENDS.flatMap((backend) =>
      ['p50', 'spread'].map(
        (value) => `stores/${backend} :: ${backend}, one at a time: ${operation} :: mooring :: ${value}`,
      ),
    ),
  ]),
};
