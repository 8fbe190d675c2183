import type { ServerPlace, StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { failed, ok, storeFailed, warning } from './finding.ts';
import type { Finding } from './finding.ts';

type Inspection = NonNullable<StoreInspection['database']>;

const check = 'database';

export function databaseFindings(inspection: Inspection, server: ServerPlace): Finding[] {
  if (inspection instanceof StoreError) return [storeFailed(check, inspection, server)];
  const { place, variable } = server;
  const { version, latencyMs, readOnly, migrations } = inspection;
  const reached = readOnly
    ? failed(check, `${place} takes no writes: it is a standby, or set so`, `name the primary server in ${variable}`)
    : ok(check, `PostgreSQL ${version} at ${place}, ${latencyMs.toFixed(1)} ms away`);
  return [reached, schemaFinding(migrations)];
}

const MOST_NAMED = 3;

function listOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function schemaFinding({ missing, unknown, applied }: Exclude<Inspection, StoreError>['migrations']): Finding {
  if (missing.length > 0) {
    return failed(
      'schema',
      `missing: ${listOf(missing)}`,
      'npx mooring migrate, or start a service: each brings it up to date',
    );
  }
  return unknown.length === 0
    ? ok('schema', `up to date: ${applied.length} migrations`)
    : warning(
        'schema',
        `of a later version: ${unknown.join(', ')}`,
        'run the version of Mooring that made it; this one may not know what has changed',
      );
}
