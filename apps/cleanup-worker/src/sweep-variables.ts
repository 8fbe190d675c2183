import { environment, loadConfig } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import { RUNS_NAMESPACE } from '@mooring/session-sweeper';
import type { SweepOptions } from '@mooring/session-sweeper';
import { z } from 'zod';

const { integer, text } = environment;

/** What is swept, and how gently. */
export const sweepVariables = {
  MOORING_SWEEP_NAMESPACES: text({
    pattern: /^[a-z0-9][a-z0-9_-]{0,62}(\s*,\s*[a-z0-9][a-z0-9_-]{0,62})*$/,
    takes: 'names of lower-case letters, digits, - and _, separated by commas',
  })
    .default('auth,queries,pool')
    .describe(
      'The namespaces of the store that services use: `auth` for tokens and logins, `queries` and `pool` for the query ' +
        "API. The worker's own, `tasks`, is swept as well.",
    ),
  MOORING_SWEEP_BATCH_SIZE: integer({ min: 1, max: 100_000, unit: 'rows' })
    .default(1000)
    .describe('The most rows that one batch deletes. More takes less time and disturbs others more.'),
  MOORING_SWEEP_PAUSE_MS: integer({ min: 0, max: 60_000, unit: 'milliseconds' })
    .default(25)
    .describe('The least pause between batches; it lasts at least as long as the batch before.'),
  MOORING_SWEEP_BUDGET_SECONDS: integer({ min: 1, max: 86_400, unit: 'seconds' })
    .default(300)
    .describe('The most time for one kind of rows in one namespace; the rest is left for the next run.'),
  MOORING_SWEEP_LEASE_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe('How long a worker that was killed keeps others off. Renewed while it works.'),
};

type SweepValues = z.output<z.ZodObject<typeof sweepVariables>>;

export interface SweepSettings {
  /** Those that were named, and the worker's own. */
  readonly namespaces: readonly string[];
  readonly options: Pick<SweepOptions, 'batchSize' | 'pauseMs' | 'budgetMs' | 'leaseTtlMs'>;
}

export function sweepSettingsOf(values: SweepValues): SweepSettings {
  return {
    namespaces: [...new Set([...values.MOORING_SWEEP_NAMESPACES.split(/\s*,\s*/), RUNS_NAMESPACE])],
    options: {
      batchSize: values.MOORING_SWEEP_BATCH_SIZE,
      pauseMs: values.MOORING_SWEEP_PAUSE_MS,
      budgetMs: values.MOORING_SWEEP_BUDGET_SECONDS * 1000,
      leaseTtlMs: values.MOORING_SWEEP_LEASE_SECONDS * 1000,
    },
  };
}

/** For who sweeps as the worker does, whatever else the environment says. Throws a `ConfigError` with every fault. */
export function readSweepSettings(env: Environment): SweepSettings {
  return sweepSettingsOf(loadConfig(z.object(sweepVariables), env, { foreign: ['MOORING_'] }));
}
