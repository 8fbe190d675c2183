import type { EngineError, StorageRecord } from '@mooring/engine';
import type { WarehouseTarget } from '@mooring/redshift-sessions';
import { failure } from '../errors.ts';
import type { StorageForm } from '../options.ts';

const NAMES = ['cluster', 'workgroup', 'database', 'db_user', 'secret_arn'] as const;
/** What tells tenants apart at the warehouse. A database does not: a user may read several. */
const BOUNDARIES = ['db_user', 'secret_arn', 'cluster', 'workgroup'] as const;
const TENANT = '{tenant}';
/** What a tenant's id must be where it becomes a part of a name: names of users are folded, and of clusters, small. */
const PLAIN_TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const ACCEPTED =
  "WORKGROUP 'name' DATABASE 'name' [SECRET_ARN 'arn'], or CLUSTER 'name' DATABASE 'name' {DB_USER 'name' | SECRET_ARN 'arn'}";

/** Which storages there may be. */
export class StorageForms {
  /** @throws EngineError `misconfigured` */
  constructor(private readonly forms: readonly StorageForm[]) {
    for (const form of forms) {
      const fault = faultOf(Object.entries(form)) ?? faultOfBoundary(form);
      if (fault !== undefined) throw failure({ code: 'misconfigured', message: `A storage form: ${fault}.` });
    }
    for (const name of BOUNDARIES) {
      const templates = new Set(forms.map((form) => form[name]).filter((template) => template?.includes(TENANT)));
      if (templates.size < 2) continue;
      const message = `Storage forms: ${name} has ${templates.size} different texts with {tenant}. Have one, or one tenant's name may be another's.`;
      throw failure({ code: 'misconfigured', message });
    }
  }

  /** Where a storage is. No value of an option is in the error. @throws EngineError `invalid_storage` */
  targetOf({ tenantId, name, type, options }: StorageRecord): WarehouseTarget {
    const fault = type === 'redshift' ? faultOf(Object.entries(options)) : `its type is ${type}`;
    if (fault !== undefined) throw invalid(name, `${fault}: it takes ${ACCEPTED}`);
    if (!PLAIN_TENANT.test(tenantId)) {
      throw invalid(name, 'the id of the tenant is no part of a name: small letters, digits, _ and -, up to 63');
    }
    const wanted = filled(options, tenantId);
    if (!this.forms.some((form) => isSame(filled(form, tenantId), wanted))) {
      throw invalid(name, `no such storage may be made here, only ${this.accepted}`);
    }
    return targetOf(wanted);
  }

  private get accepted(): string {
    return this.forms
      .map((form) =>
        pairsOf(form)
          .map(([key, text]) => `${key.toUpperCase()} '${text}'`)
          .join(' '),
      )
      .join(' or ');
  }
}

type Filled = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

function pairsOf(form: StorageForm): readonly (readonly [string, string])[] {
  return NAMES.flatMap((name) => (form[name] === undefined ? [] : [[name, form[name]] as const]));
}

function filled(options: StorageForm | Readonly<Record<string, string>>, tenantId: string): Filled {
  const texts = Object.entries(options).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(texts.map(([name, text]) => [name, text.replaceAll(TENANT, tenantId)]));
}

function isSame(one: Filled, other: Filled): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

function targetOf({
  cluster,
  workgroup = '',
  database = '',
  db_user: dbUser,
  secret_arn: secretArn,
}: Filled): WarehouseTarget {
  const secret = secretArn === undefined ? {} : { secretArn };
  if (cluster === undefined) return { workgroupName: workgroup, database, ...secret };
  return { clusterIdentifier: cluster, database, ...secret, ...(dbUser === undefined ? {} : { dbUser }) };
}

function faultOf(pairs: readonly (readonly [string, unknown])[]): string | undefined {
  const names = new Set(pairs.filter(([, text]) => text !== undefined).map(([name]) => name));
  const unknown = [...names].find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined)
    return `${unknown.slice(0, 63).replaceAll(/\p{C}/gu, '?').toUpperCase()} is no option of a warehouse`;
  for (const [name, text] of pairs) {
    if (
      text === undefined ||
      (typeof text === 'string' && text !== '' && text.length <= 2048 && !/[\p{C}\s]/u.test(text))
    )
      continue;
    return `${name.toUpperCase()} is no name: it is empty, too long or has blanks`;
  }
  if (names.has('cluster') === names.has('workgroup')) return 'it takes a CLUSTER or a WORKGROUP, and not both';
  if (!names.has('database')) return 'its DATABASE is missing';
  if (names.has('db_user') && names.has('secret_arn')) return 'DB_USER and SECRET_ARN exclude one another';
  return names.has('db_user') && names.has('workgroup') ? 'DB_USER goes with a CLUSTER' : undefined;
}

function faultOfBoundary(form: StorageForm): string | undefined {
  if (BOUNDARIES.some((name) => form[name]?.includes(TENANT))) return undefined;
  return 'write {tenant} into db_user, secret_arn, cluster or workgroup, since tenants are kept apart by these';
}

function invalid(storage: string, message: string): EngineError {
  return failure({ code: 'invalid_storage', message: `Storage ${storage}: ${message}.` });
}
