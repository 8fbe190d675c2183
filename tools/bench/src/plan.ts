/** One thing that `--all` measures. */
export interface Step {
  readonly benchmark: string;
  /** A backend or a section; all of the benchmark otherwise. */
  readonly parts?: readonly string[];
  readonly runs?: number;
  /** On an idle machine with two cores. */
  readonly minutes: number;
}

/** What documents say most about comes first, so that a run that is cut short has it. */
export const PLAN: readonly Step[] = [
  { benchmark: 'session-reuse', minutes: 2 },
  { benchmark: 'auth', minutes: 1 },
  { benchmark: 'engine', parts: ['contexts', 'streams', 'requests'], minutes: 5 },
  { benchmark: 'api', minutes: 2 },
  { benchmark: 'stores', parts: ['postgres', 'redis'], minutes: 12 },
  { benchmark: 'scale', parts: ['processes', 'sessions', 'stored'], minutes: 6 },
  { benchmark: 'engine', parts: ['load', 'tenants'], runs: 2, minutes: 3 },
  { benchmark: 'memory', parts: ['postgres', 'redis'], minutes: 3 },
  { benchmark: 'stores', parts: ['sqlite', 'memory'], minutes: 3 },
  { benchmark: 'sweep', parts: ['postgres'], runs: 1, minutes: 3 },
];

/** @param where benchmark and part: `stores/redis`, or `auth/all` of a benchmark that has no parts */
export function isPlanned(where: string): boolean {
  return PLAN.some(({ benchmark, parts = ['all'] }) => parts.some((part) => where === `${benchmark}/${part}`));
}
