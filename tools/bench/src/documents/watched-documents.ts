import type { WatchedDocument } from './loose-figures.ts';

/** Documents that have figures: none stands in them that is not from a report. */
export const WATCHED: readonly WatchedDocument[] = [
  { path: 'README.md', heading: 'The figures', exceptions: {} },
  {
    path: 'docs/performance.md',
    exceptions: {
      'reuse saves `c / (c + q)`: at 250 ms to': 'a condition of the benchmark',
      'connect, 80 % for statements of up to 62 ms': 'follows from the formula beside it',
      'every 500 to 1000 ms': 'the load that the requirement describes',
      'update, 10 % login and logout': 'the same',
      '200 bytes of data': 'what the benchmark stores',
      'fresh clone, nothing installed': 'by hand: installing depends on the network',
      'the loading alone, into PostgreSQL': 'the same',
      'warm, with a check of what is installed': 'the same',
      'Ctrl-C until everything has ended': 'the same',
    },
  },
];
