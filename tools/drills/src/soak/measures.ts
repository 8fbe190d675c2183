import type { Bound } from './flatness.ts';

/** Something that is looked at again and again. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly bound: Bound;
}

const MIB = 2 ** 20;

/** What a pod's metrics say of it. */
export const POD_MEASURES: readonly (Measure & { readonly read: (metrics: string) => number })[] = [
  {
    name: 'memory',
    unit: 'MiB',
    bound: { absolute: 16, relative: 0.1 },
    read: (metrics) => sumOf(metrics, 'process_resident_memory_bytes') / MIB,
  },
  {
    name: 'heap',
    unit: 'MiB',
    bound: { absolute: 8, relative: 0.1 },
    read: (metrics) => sumOf(metrics, 'nodejs_heap_size_used_bytes') / MIB,
  },
  {
    name: 'file descriptors',
    unit: '',
    bound: { absolute: 8, relative: 0.05 },
    read: (metrics) => sumOf(metrics, 'process_open_fds'),
  },
  {
    name: 'handles',
    unit: '',
    bound: { absolute: 8, relative: 0.05 },
    read: (metrics) => sumOf(metrics, 'nodejs_active_handles_total'),
  },
  {
    name: 'event loop delay p99',
    unit: 'ms',
    bound: { absolute: 20, relative: 0.5 },
    read: (metrics) => sumOf(metrics, 'nodejs_eventloop_lag_p99_seconds') * 1000,
  },
];

/** What the servers behind the services say. */
export const SITE_MEASURES = {
  postgres: { name: 'PostgreSQL connections', unit: '', bound: { absolute: 4, relative: 0.1 } },
  redis: { name: 'Redis connections', unit: '', bound: { absolute: 4, relative: 0.1 } },
  warehouse: { name: 'warehouse sessions', unit: '', bound: { absolute: 2, relative: 0.1 } },
  slots: { name: 'pool slots held', unit: '', bound: { absolute: 2, relative: 0.1 } },
  logins: { name: 'live logins', unit: '', bound: { absolute: 4, relative: 0.1 } },
} as const satisfies Readonly<Record<string, Measure>>;

/** Sum of all series of a metric in Prometheus's text. */
export function sumOf(metrics: string, name: string): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
