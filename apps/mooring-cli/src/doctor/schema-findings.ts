import { EngineError } from '@mooring/engine';
import { schemaTrouble } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { UserDatabaseError } from '@mooring/users';
import type { Config } from '../config.ts';
import { catalogSchema, usersSchema } from '../schemas.ts';
import type { Schema } from '../schemas.ts';
import { failed, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

const CHECKS: Readonly<Record<Schema['name'], readonly [check: string, owner: string]>> = {
  sessions: ['schema', 'sessions'],
  users: ['users-schema', 'users'],
  catalog: ['catalog-schema', 'the catalog'],
};

export function schemaFinding(name: Schema['name'], version: SchemaVersion): Finding {
  const [check, owner] = CHECKS[name];
  const trouble = schemaTrouble(owner, version);
  if (trouble === undefined) return ok(check, `the schema of ${owner} is at version ${version.found}, as it must be`);
  // Nothing is taken from tables that services use; the query API does not start on a catalog that is newer than itself.
  const serves = version.found > version.wanted && name !== 'catalog';
  return serves ? warning(check, trouble.problem, trouble.remedy) : failed(check, trouble.problem, trouble.remedy);
}

/** Of users and of the engine's catalog, which may be elsewhere than sessions. */
export async function otherSchemaFindings({ store, catalog }: Config): Promise<Finding[]> {
  const url = store.database?.url;
  const schemas = [
    ...(url === undefined ? [] : [usersSchema(url)]),
    ...(catalog === undefined ? [] : [catalogSchema(catalog)]),
  ];
  return Promise.all(schemas.map(findingOf));
}

async function findingOf({ name, inspect }: Schema): Promise<Finding> {
  try {
    return schemaFinding(name, await inspect());
  } catch (error) {
    if (!(error instanceof UserDatabaseError) && !(error instanceof EngineError)) throw error;
    return failed(
      CHECKS[name][0],
      error.message,
      'mend that, or correct where it is: DATABASE_URL or MOORING_DATA_DIR',
    );
  }
}
