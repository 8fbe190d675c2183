import { validation } from './errors.ts';
import type { Input } from './input.ts';
import type { RedshiftDataLocalOptions } from './options.ts';
import type { Principal } from './principal.ts';

/** Where and as whom a statement runs. */
export interface Place {
  readonly cluster?: string;
  readonly workgroup?: string;
  readonly database: string;
  /** The PostgreSQL role that it connects as. */
  readonly role: string;
  /** As the caller gave them, and as answers repeat them. */
  readonly dbUser?: string;
  readonly secretArn?: string;
}

export function targetOf(place: Pick<Place, 'cluster' | 'workgroup'>): string {
  return place.cluster === undefined ? `workgroup/${place.workgroup}` : `cluster/${place.cluster}`;
}

const CONNECTION_MEMBERS = ['ClusterIdentifier', 'WorkgroupName', 'Database', 'DbUser', 'SecretArn'];

/** A session is bound to its place for life, and the service refuses to be told again. */
export function assertNoPlace(input: Input): void {
  const given = CONNECTION_MEMBERS.filter((name) => input.has(name));
  if (given.length > 0) {
    throw validation(`SessionId cannot be specified together with ${given.join(', ')}.`);
  }
}

export function placeOf(
  input: Input,
  principal: Principal,
  options: Pick<RedshiftDataLocalOptions, 'targets' | 'secrets'>,
  database = input.text('Database'),
): Place {
  const targets = input.targets();
  const { cluster, workgroup } = targets;
  if (cluster === undefined && workgroup === undefined) {
    throw validation('Either ClusterIdentifier or WorkgroupName needs to be specified.');
  }
  if (cluster !== undefined && workgroup !== undefined) {
    throw validation('Only one of ClusterIdentifier and WorkgroupName can be specified.');
  }
  const known = options.targets;
  if (known !== undefined && !known.includes(cluster ?? workgroup ?? '')) {
    throw validation("Redshift endpoint doesn't exist in this region.");
  }
  if (database === undefined || database.length === 0) throw validation('Database needs to be specified.');
  const dbUser = input.text('DbUser');
  const secretArn = input.text('SecretArn');
  if (dbUser !== undefined && secretArn !== undefined) {
    throw validation('Only one of DbUser and SecretArn can be specified.');
  }
  return {
    ...targets,
    database,
    role:
      secretArn === undefined
        ? ((cluster === undefined ? undefined : dbUser) ?? principal.role)
        : secretRole(secretArn, options.secrets),
    ...(dbUser === undefined ? {} : { dbUser }),
    ...(secretArn === undefined ? {} : { secretArn }),
  };
}

/** `arn:aws:secretsmanager:…:secret:NAME-a1b2c3` is of the user NAME. */
function secretRole(arn: string, secrets: Readonly<Record<string, string>> = {}): string {
  const given = Object.hasOwn(secrets, arn) ? secrets[arn] : undefined;
  const user = given ?? (arn.split(':').at(-1) ?? '').replace(/-[A-Za-z0-9]{6}$/, '');
  if (user.length === 0) throw validation('username and password in secret cannot be empty');
  return user;
}
