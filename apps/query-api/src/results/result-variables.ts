import { isAbsolute, join } from 'node:path';
import { environment } from '@mooring/environment-config';

const { integer, text } = environment;
const MIB = 1_048_576;

/** In place of a path, which is absolute: a folder of the process alone, which ends with it. */
export const TEMPORARY = 'temporary';

/** Of what asynchronous queries on the engine leave: rows to be paged, and files of exports. */
export const resultVariables = {
  MOORING_RESULTS_DIR: text()
    .optional()
    .describe(
      'Folder that results of asynchronous queries on the engine are kept in for 24 hours. Processes that share it give ' +
        'the rows and files of one another. Default: `.results` in MOORING_DATA_DIR. Without both it is a temporary one, ' +
        'which ends with the process; with `NODE_ENV=production` there are no such queries then.',
    )
    .meta({ example: '/var/lib/mooring/results' }),
  MOORING_RESULTS_TENANT_MB: integer({ min: 1, max: 1_048_576, unit: 'MiB' })
    .default(4096)
    .describe('The most that the kept results of one tenant take on disk. A query whose result does not fit fails.'),
};

interface ResultValues {
  readonly NODE_ENV?: string | undefined;
  readonly MOORING_DATA_DIR?: string | undefined;
  readonly MOORING_RESULTS_DIR?: string | undefined;
  readonly MOORING_RESULTS_TENANT_MB: number;
}

export interface ResultSettings {
  /** Undefined: results are not kept. */
  readonly folder: string | undefined;
  readonly maxBytesPerTenant: number;
}

export function resultSettingsOf(values: ResultValues): ResultSettings {
  const { MOORING_DATA_DIR: dataDir } = values;
  // No tenant's folder of embedded databases has a dot in its name.
  const folder = values.MOORING_RESULTS_DIR ?? (dataDir === undefined ? undefined : join(dataDir, '.results'));
  return {
    folder: folder ?? (values.NODE_ENV === 'production' ? undefined : TEMPORARY),
    maxBytesPerTenant: values.MOORING_RESULTS_TENANT_MB * MIB,
  };
}

/** What of these variables can't be. */
export function resultFaults({
  MOORING_RESULTS_DIR: folder,
}: ResultValues): { readonly variable: keyof ResultValues; readonly message: string }[] {
  if (folder === undefined || isAbsolute(folder)) return [];
  return [{ variable: 'MOORING_RESULTS_DIR', message: 'must be an absolute path, such as /var/lib/mooring/results' }];
}
