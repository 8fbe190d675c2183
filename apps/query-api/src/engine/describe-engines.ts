import type { QueryApiConfig } from '../config.ts';

/** For the log: what SQL runs on in this process. */
export function describeEngines({
  warehouse,
  embedded,
}: Pick<QueryApiConfig, 'warehouse' | 'embedded'>): Readonly<Record<'warehouse' | 'embedded', string>> {
  return {
    warehouse: warehouse === undefined ? 'none' : nameOf(warehouse),
    embedded: embedded === undefined ? 'none' : embedded.dataFolder === null ? 'in memory' : 'on disk',
  };
}

function nameOf({ workgroup, cluster }: NonNullable<QueryApiConfig['warehouse']>): string {
  return workgroup === undefined ? `cluster ${cluster}` : `workgroup ${workgroup}`;
}
