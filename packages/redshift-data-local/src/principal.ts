import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';

/** Who an access key is. */
export interface PrincipalSettings {
  /** Default `000000000000`. */
  readonly account?: string;
  /** The IAM role; several access keys may be sessions of one. Default: a user of the access key's name. */
  readonly role?: string;
  /** One session of the role, as `aws:userid`. Default: the access key. */
  readonly userId?: string;
  /** Database groups of the role's tag `RedshiftDbGroups`; answers for a cluster repeat them. */
  readonly dbGroups?: readonly string[];
}

/** Who calls. Statements and sessions belong to the role: those of another one are not there. */
export interface Principal {
  readonly account: string;
  /** `IAMR:<role>` or `IAM:<user>`, which is also the database user when a call names none. */
  readonly role: string;
  readonly userId: string;
  readonly dbGroups: readonly string[];
}

export interface PrincipalRules {
  readonly principals?: Readonly<Record<string, PrincipalSettings>>;
  readonly requireSignature?: boolean;
}

const CREDENTIAL = /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\/\d{8}\/[^/]+\/redshift-data\/aws4_request/;

export function principalOf(headers: IncomingHttpHeaders, rules: PrincipalRules): Principal {
  const { principals = {}, requireSignature = false } = rules;
  const accessKey = CREDENTIAL.exec(headers.authorization ?? '')?.[1];
  if (accessKey === undefined && requireSignature) {
    throw headers.authorization === undefined
      ? new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token')
      : new ApiError('IncompleteSignatureException', 'The Authorization header is no signature for redshift-data.');
  }
  const known = accessKey === undefined || !Object.hasOwn(principals, accessKey) ? undefined : principals[accessKey];
  if (known === undefined && requireSignature && Object.keys(principals).length > 0) {
    throw new ApiError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  const name = accessKey ?? 'anonymous';
  const { account = '000000000000', role, userId = name, dbGroups = [] } = known ?? {};
  return { account, role: role === undefined ? `IAM:${name}` : `IAMR:${role}`, userId, dbGroups };
}

export function isSameRole(a: Principal, b: Principal): boolean {
  return a.account === b.account && a.role === b.role;
}
