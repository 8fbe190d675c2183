import type { ServerPlace, StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { failed, ok, skipped, storeFailed, warning } from './finding.ts';
import type { Finding } from './finding.ts';

type TableInspection = Exclude<NonNullable<StoreInspection['table']>, StoreError>;

const check = 'table';
const MADE_BY = 'mooring-store-dynamodb create-table';
const UNCOLLECTED = 'what is dead stays until it is swept, and some of it for good';

/** Of DynamoDB. */
export function tableFindings(
  inspection: NonNullable<StoreInspection['table']>,
  server: ServerPlace,
): readonly Finding[] {
  if (inspection instanceof StoreError) return [storeFailed(check, inspection, server)];
  const { place, variable } = server;
  switch (inspection.table) {
    case 'missing':
      return [failed(check, `there is no such table: ${place}`, `make it (${MADE_BY}), or correct ${variable}`)];
    case 'creating':
      return [failed(check, `${place} is being created`, 'wait until it is active')];
    case 'foreign':
      return [
        failed(
          check,
          `${place} has other keys or indexes than sessions need`,
          `make one of its own (${MADE_BY}), and name it in ${variable}`,
        ),
      ];
    default:
      return [
        ok(check, `${place} has the keys and indexes that it must have`),
        timeToLiveFinding(inspection.timeToLive, place),
      ];
  }
}

type Ready = Extract<TableInspection, { readonly table: 'ready' }>;

function timeToLiveFinding(timeToLive: Ready['timeToLive'], place: string): Finding {
  const name = 'table-time-to-live';
  if (timeToLive === 'unknown') return skipped(name, 'this identity may not see it (dynamodb:DescribeTimeToLive)');
  if (timeToLive === 'enabled') return ok(name, 'on, for the attribute collectAt');
  if (timeToLive === 'disabled') {
    return warning(name, `${place} has no time to live: ${UNCOLLECTED}`, `enable it on collectAt (${MADE_BY} does)`);
  }
  return warning(
    name,
    `the time to live of ${place} is on another attribute: ${UNCOLLECTED}`,
    'disable it, and enable it on collectAt',
  );
}
