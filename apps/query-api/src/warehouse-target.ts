import { ProblemError } from '@mooring/nest-runtime';
import type { WarehouseTarget } from '@mooring/redshift-sessions';
import type { Principal } from './api-tokens.ts';

export interface TargetSettings {
  readonly workgroup: string | undefined;
  readonly cluster: string | undefined;
  readonly database: string;
  readonly secretArn: string | undefined;
  readonly dbUser: string | undefined;
}

interface TargetVariables {
  readonly NODE_ENV?: string | undefined;
  readonly MOORING_DATA_DIR?: string | undefined;
  readonly MOORING_WAREHOUSE_WORKGROUP?: string | undefined;
  readonly MOORING_WAREHOUSE_CLUSTER?: string | undefined;
  readonly MOORING_WAREHOUSE_DATABASE?: string | undefined;
  readonly MOORING_WAREHOUSE_SECRET_ARN?: string | undefined;
  readonly MOORING_WAREHOUSE_DB_USER?: string | undefined;
  readonly MOORING_API_TOKENS?: readonly { readonly principal: Principal }[] | undefined;
}

export const DEFAULT_DB_USER = 'tenant_{tenant}';
const DEFAULT_DATABASE = 'dev';

/** Undefined where no warehouse is named. */
export function targetSettingsOf(values: TargetVariables): TargetSettings | undefined {
  const { MOORING_WAREHOUSE_WORKGROUP: workgroup, MOORING_WAREHOUSE_CLUSTER: cluster } = values;
  if (workgroup === undefined && cluster === undefined) return undefined;
  return {
    workgroup,
    cluster,
    database: values.MOORING_WAREHOUSE_DATABASE ?? DEFAULT_DATABASE,
    secretArn: values.MOORING_WAREHOUSE_SECRET_ARN,
    dbUser: values.MOORING_WAREHOUSE_DB_USER,
  };
}

/** @throws ProblemError where there is no warehouse */
export function warehouseOf({ warehouse }: { readonly warehouse: TargetSettings | undefined }): TargetSettings {
  if (warehouse === undefined) throw noWarehouse();
  return warehouse;
}

export function noWarehouse(): ProblemError {
  const detail =
    'This service runs without a warehouse: SQL on embedded data is given a namespace, or goes to POST /v1/sql. For a ' +
    'warehouse, its operator sets MOORING_WAREHOUSE_CLUSTER or MOORING_WAREHOUSE_WORKGROUP.';
  return new ProblemError('engine_not_configured', detail);
}

/** Where and as whom the statements of a caller run: never as a database user of another tenant. */
export function targetOf(
  settings: TargetSettings,
  { tenantId, dbUser }: Pick<Principal, 'tenantId' | 'dbUser'>,
): WarehouseTarget {
  const place = { database: forTenant(settings.database, tenantId) };
  const secret = settings.secretArn === undefined ? {} : { secretArn: forTenant(settings.secretArn, tenantId) };
  if (settings.workgroup !== undefined) return { ...place, ...secret, workgroupName: settings.workgroup };
  const user =
    settings.secretArn === undefined ? (dbUser ?? forTenant(settings.dbUser ?? DEFAULT_DB_USER, tenantId)) : undefined;
  return {
    ...place,
    ...secret,
    clusterIdentifier: settings.cluster ?? '',
    ...(user === undefined ? {} : { dbUser: user }),
  };
}

function forTenant(template: string, tenantId: string): string {
  return template.replaceAll('{tenant}', () => tenantId);
}

/** As a part of a database user's name: nothing that could leave its quotes, and one spelling, since the engine folds case. */
const TENANT = /^[a-z0-9_][a-z0-9_.@-]{0,62}$/;

/**
 * Whether the tenant of a token that was issued has a database user of its own: none that a token of the configuration
 * gives to another tenant.
 */
export function hasOwnUser(
  settings: TargetSettings,
  configured: readonly { readonly principal: Principal }[],
  { tenantId, sessionId }: Principal,
): boolean {
  if (sessionId === undefined) return true;
  if (!TENANT.test(tenantId)) return false;
  if (settings.workgroup !== undefined || settings.secretArn !== undefined) return true;
  const principals = [...configured.map(({ principal }) => principal), { tenantId, userId: '' }];
  return !shareUsers(principals, settings.dbUser);
}

interface TargetFault {
  readonly variable: keyof TargetVariables;
  readonly message: string;
}

/** What of the warehouse's variables does not go together. */
export function targetFaults(values: TargetVariables): readonly TargetFault[] {
  const faults: TargetFault[] = [];
  const workgroup = values.MOORING_WAREHOUSE_WORKGROUP !== undefined;
  const cluster = values.MOORING_WAREHOUSE_CLUSTER !== undefined;
  if (!workgroup && !cluster) return faultsWithout(values);
  const secret = values.MOORING_WAREHOUSE_SECRET_ARN !== undefined;
  const principals = (values.MOORING_API_TOKENS ?? []).map(({ principal }) => principal);
  const named = principals.filter(({ dbUser }) => dbUser !== undefined);
  if (workgroup && cluster) {
    faults.push({
      variable: 'MOORING_WAREHOUSE_WORKGROUP',
      message: 'and MOORING_WAREHOUSE_CLUSTER must not both be set',
    });
  }
  if ((workgroup || secret) && values.MOORING_WAREHOUSE_DB_USER !== undefined) {
    faults.push({
      variable: 'MOORING_WAREHOUSE_DB_USER',
      message: 'only works on a cluster without a secret: a workgroup and a secret have a user of their own',
    });
  }
  if ((workgroup || secret) && named.length > 0) {
    faults.push({
      variable: 'MOORING_API_TOKENS',
      message: 'names database users, which only works on a cluster without a secret',
    });
  }
  if (!workgroup && !secret && shareUsers(principals, values.MOORING_WAREHOUSE_DB_USER)) {
    faults.push({ variable: 'MOORING_API_TOKENS', message: 'gives one database user to two tenants' });
  }
  return faults;
}

const OF_A_WAREHOUSE = [
  'MOORING_WAREHOUSE_DATABASE',
  'MOORING_WAREHOUSE_SECRET_ARN',
  'MOORING_WAREHOUSE_DB_USER',
] as const;
const NO_WAREHOUSE = 'neither MOORING_WAREHOUSE_WORKGROUP nor MOORING_WAREHOUSE_CLUSTER is set';

/** Of a process without a warehouse: what is said of one, and that it has nothing else to run SQL on. */
function faultsWithout(values: TargetVariables): readonly TargetFault[] {
  const faults: TargetFault[] = OF_A_WAREHOUSE.filter((variable) => values[variable] !== undefined).map((variable) => ({
    variable,
    message: `is of a warehouse, and ${NO_WAREHOUSE}`,
  }));
  if ((values.MOORING_API_TOKENS ?? []).some(({ principal }) => principal.dbUser !== undefined)) {
    faults.push({ variable: 'MOORING_API_TOKENS', message: `names database users, and ${NO_WAREHOUSE}` });
  }
  if (values.NODE_ENV === 'production' && values.MOORING_DATA_DIR === undefined) {
    const message = `must be set in production where ${NO_WAREHOUSE}: there is nothing to run SQL on`;
    faults.push({ variable: 'MOORING_DATA_DIR', message });
  }
  return faults;
}

/**
 * Whether two tenants would run as one database user. The engine folds case. One user for all, by configuration, is the
 * operator's choice; what a token names besides is not part of it.
 */
function shareUsers(principals: readonly Principal[], template = DEFAULT_DB_USER): boolean {
  const tenants = new Map<string, string>();
  const forAll = !template.includes('{tenant}');
  return principals.some(({ tenantId, dbUser }) => {
    if (forAll && dbUser === undefined) return false;
    const user = (dbUser ?? forTenant(template, tenantId)).toLowerCase();
    const owner = tenants.get(user) ?? tenantId;
    tenants.set(user, owner);
    return owner !== tenantId;
  });
}
