import { createHash } from 'node:crypto';
import type { PoolKey } from '@mooring/session-store';
import { WarehouseError } from './errors.ts';

/**
 * Where and as whom a statement runs. `dbUser` is for clusters with temporary credentials, `secretArn` for either
 * kind; with neither, the database user is the IAM identity of the process.
 */
export type WarehouseTarget = {
  readonly database: string;
  readonly secretArn?: string;
} & (
  | { readonly clusterIdentifier: string; readonly workgroupName?: never; readonly dbUser?: string }
  | { readonly workgroupName: string; readonly clusterIdentifier?: never; readonly dbUser?: never }
);

/** A cluster or a workgroup. */
export type WarehousePlace =
  | { readonly clusterIdentifier: string; readonly workgroupName?: never }
  | { readonly workgroupName: string; readonly clusterIdentifier?: never };

/** The connection members of a Data API call that does not name a session. */
export interface ConnectionMembers {
  readonly ClusterIdentifier?: string;
  readonly WorkgroupName?: string;
  readonly Database: string;
  readonly DbUser?: string;
  readonly SecretArn?: string;
}

const CLUSTER = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const WORKGROUP = /^[a-z0-9-]{3,64}$/;
const WORKGROUP_ARN = /^arn:[a-z0-9-]+:redshift-serverless:[a-z0-9-]+:\d{12}:workgroup\/[a-z0-9-]+$/;

export function connectionMembers(target: WarehouseTarget): ConnectionMembers {
  assertTarget(target);
  return {
    ...(target.clusterIdentifier === undefined
      ? { WorkgroupName: target.workgroupName }
      : { ClusterIdentifier: target.clusterIdentifier }),
    Database: target.database,
    ...(target.dbUser === undefined ? {} : { DbUser: target.dbUser }),
    ...(target.secretArn === undefined ? {} : { SecretArn: target.secretArn }),
  };
}

/** Canonical name of a cluster or workgroup: what the service's limit of 500 sessions counts. */
export function targetName(target: WarehousePlace, region: string): string {
  return target.clusterIdentifier === undefined
    ? `${region}/workgroup/${target.workgroupName.toLowerCase()}`
    : `${region}/cluster/${target.clusterIdentifier.toLowerCase()}`;
}

/**
 * What sessions are pooled by: target, tenant, and a hash of database, database identity and init profile. Two
 * statements share a session only when all of these are the same.
 */
export function poolKeyOf(
  tenantId: string,
  target: WarehouseTarget,
  region: string,
  initStatements: readonly string[],
): PoolKey {
  const identity =
    target.secretArn === undefined
      ? target.dbUser === undefined
        ? ['iam']
        : ['user', target.dbUser]
      : ['secret', target.secretArn];
  const hash = createHash('sha256')
    .update(JSON.stringify([target.database, identity, initStatements]))
    .digest('base64url');
  return { target: targetName(target, region), tenantId, identity: hash };
}

function assertTarget(target: WarehouseTarget): void {
  if ((target.clusterIdentifier === undefined) === (target.workgroupName === undefined)) {
    throw invalidTarget('name either a clusterIdentifier or a workgroupName');
  }
  if (target.dbUser !== undefined && target.secretArn !== undefined) {
    throw invalidTarget('give either a dbUser or a secretArn: the service would not say which one wins');
  }
  if (target.clusterIdentifier !== undefined && !CLUSTER.test(target.clusterIdentifier)) {
    throw invalidTarget('clusterIdentifier must be lower-case letters, digits and single hyphens');
  }
  if (target.workgroupName !== undefined) {
    if (!WORKGROUP.test(target.workgroupName) && !WORKGROUP_ARN.test(target.workgroupName)) {
      throw invalidTarget('workgroupName must be 3 to 64 of a-z 0-9 -, or the ARN of a workgroup');
    }
    if (target.dbUser !== undefined) {
      throw invalidTarget('a workgroup takes no dbUser: use a secretArn, or the IAM identity');
    }
  }
  if (target.database.length === 0) throw invalidTarget('name a database');
}

function invalidTarget(message: string): WarehouseError {
  return new WarehouseError({ code: 'invalid_request', message: `Warehouse target: ${message}.` });
}
