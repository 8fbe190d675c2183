import type { ServerPlace, StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { failed, ok, storeFailed } from './finding.ts';
import type { Finding } from './finding.ts';
import { schemaFinding } from './schema-findings.ts';

type Inspection = NonNullable<StoreInspection['database']>;

const check = 'database';

export function databaseFindings(inspection: Inspection, server: ServerPlace): Finding[] {
  if (inspection instanceof StoreError) return [storeFailed(check, inspection, server)];
  const { place, variable } = server;
  const { version, latencyMs, readOnly, schema } = inspection;
  const reached = readOnly
    ? failed(check, `${place} takes no writes: it is a standby, or set so`, `name the primary server in ${variable}`)
    : ok(check, `PostgreSQL ${version} at ${place}, ${latencyMs.toFixed(1)} ms away`);
  return [reached, schemaFinding('sessions', schema)];
}
