import { DataApiError } from '@mooring/redshift-sessions';
import type { DataApiFailure } from '@mooring/redshift-sessions';
import type { Clock } from '@mooring/session-store';
import type { Config } from '../config.ts';
import { withDataApi } from '../warehouse.ts';
import { failed, ok, skipped, warning } from './finding.ts';
import type { Finding } from './finding.ts';

const CHECK = 'warehouse';
const RIGHTS = 'docs/adapters/redshift.md lists the rights it needs';

/** Of this identity, while the 500 are everybody's: from here on the next one may be refused. */
const NEARLY_ALL = 450;
const ROOM =
  'close those that nobody holds (npx mooring pool drain), or lower MOORING_POOL_MAX_SESSIONS where others use the warehouse';

type Words = readonly [found: string, remedy: string];

/** By the name of the exception, where several mean `denied`. */
const DENIALS: Readonly<Record<string, Words>> = {
  CredentialsProviderError: [
    'there are no AWS credentials',
    'give the process a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  ExpiredTokenException: ['the AWS credentials have expired', 'renew them'],
  UnrecognizedClientException: [
    'AWS does not know the access key',
    'correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  InvalidSignatureException: [
    'AWS refuses the signature: a wrong secret key, or a clock that is off by more than 5 minutes',
    'correct AWS_SECRET_ACCESS_KEY, and keep the clock by NTP',
  ],
};

/** Whether the Data API lets this identity see the sessions of its warehouse: the cheapest call that shows access. */
export async function warehouseFindings(config: Config, clock: Clock): Promise<Finding[]> {
  const { place, region, dataApiEndpoint = `the Data API in ${config.region}` } = config;
  if (place === undefined) return [skipped(CHECK, 'none is configured')];
  const where =
    place.clusterIdentifier === undefined
      ? { WorkgroupName: place.workgroupName }
      : { ClusterIdentifier: place.clusterIdentifier };
  const name = place.clusterIdentifier ?? place.workgroupName;
  try {
    const sessions = await withDataApi(config, clock, (api) => api.listSessions(where));
    const open = sessions.filter(({ status }) => status !== 'CLOSED').length;
    const found = `${dataApiEndpoint} answers for ${name}: ${open} session${open === 1 ? ' is' : 's are'} open`;
    return [open < NEARLY_ALL ? ok(CHECK, found) : warning(CHECK, `${found}, of 500 that a warehouse has`, ROOM)];
  } catch (error) {
    if (!(error instanceof DataApiError)) throw error;
    return [failureFinding(error, { endpoint: dataApiEndpoint, name, region })];
  }
}

function failureFinding(error: DataApiError, place: { endpoint: string; name: string; region: string }): Finding {
  const { failure, message, cause } = error;
  const exception = cause instanceof Error ? cause.name : '';
  if (failure === 'throttled') return warning(CHECK, 'the Data API throttles this account', 'ask again in a while');
  const denial = failure === 'denied' ? DENIALS[exception] : undefined;
  const [found, remedy] = denial ?? wordsOf(failure, message, place);
  return failed(CHECK, found, remedy);
}

function wordsOf(
  failure: DataApiFailure,
  message: string,
  { endpoint, name, region }: { endpoint: string; name: string; region: string },
): Words {
  switch (failure) {
    case 'denied':
      return [`AWS denies redshift-data:ListSessions: ${message}`, `allow it to the role of the process; ${RIGHTS}`];
    case 'unreachable':
    case 'unknown_outcome':
      return [
        `${endpoint} does not answer`,
        'let this machine through to it (a VPC endpoint, a proxy), or correct AWS_REGION and AWS_ENDPOINT_URL_REDSHIFT_DATA',
      ];
    default:
      return [
        `the Data API refuses to answer for ${name} in ${region}: ${message}`,
        'correct MOORING_WAREHOUSE_CLUSTER or MOORING_WAREHOUSE_WORKGROUP, and AWS_REGION',
      ];
  }
}
