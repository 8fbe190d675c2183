import { SessionStoreHealth, StoreSelectionError, inspectStore, serverPlace } from '@mooring/nest-session-store';
import type { ServerPlace, StoreChoice, StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import { isOfOneProcess } from '../config.ts';
import type { StoreSettings } from '../config.ts';
import { AUTH_NAMESPACE, withStore } from '../stores.ts';
import { clockFindings } from './clock-findings.ts';
import { databaseFindings } from './database-findings.ts';
import { failed, ok, skipped, storeFailed, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { redisFindings } from './redis-findings.ts';
import { schemaFinding } from './schema-findings.ts';
import { tableFindings } from './table-findings.ts';

const CHOICES: Readonly<Record<StoreChoice, string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis alone, so that nobody is known while it is away',
  sqlite: 'SQLite',
  dynamodb: 'DynamoDB',
  memory: 'memory',
  failover: 'PostgreSQL, with copies in Redis',
};
/** The cleanup worker sweeps every hour, and may miss one. */
const LONGEST_LAG_SECONDS = 7200;

/** The store of the environment, and the servers behind it. */
export async function storeFindings(settings: StoreSettings, clock: Clock): Promise<Finding[]> {
  let inspection: StoreInspection;
  try {
    inspection = await inspectStore(settings, clock);
  } catch (error) {
    if (!(error instanceof StoreSelectionError)) throw error;
    return [failed('store', error.message, 'set DATABASE_URL, and REDIS_URL for copies, the same in all processes')];
  }
  const { choice, database, redis, schema, table } = inspection;
  const servers = [
    ...(database === undefined ? [] : databaseFindings(database, serverPlace(settings, 'postgres'))),
    ...(redis === undefined
      ? []
      : redisFindings(redis, serverPlace(settings, 'redis'), { copies: choice === 'failover' })),
    ...(schema === undefined ? [] : [fileFinding(schema, serverPlace(settings, 'sqlite'))]),
    ...(table === undefined ? [] : tableFindings(table, serverPlace(settings, 'dynamodb'))),
    ...clockFindings(inspection),
  ];
  const needed = servers.filter(({ check }) => check !== 'redis' || choice === 'redis');
  return [
    choiceFinding(settings, choice),
    ...servers,
    ...(isOfOneProcess(settings) || needed.some(isUnusable)
      ? [skipped('sessions', 'not looked at')]
      : await useFindings(settings, choice)),
  ];
}

function choiceFinding(settings: StoreSettings, choice: StoreChoice): Finding {
  if (!isOfOneProcess(settings)) return ok('store', `sessions are in ${CHOICES[choice]}`);
  return warning(
    'store',
    'sessions are in memory: unknown to other processes, and lost at a restart',
    'set DATABASE_URL, and REDIS_URL for copies, the same in all processes',
  );
}

function fileFinding(schema: NonNullable<StoreInspection['schema']>, place: ServerPlace): Finding {
  return schema instanceof StoreError ? storeFailed('schema', schema, place) : schemaFinding('sessions', schema);
}

function isUnusable({ check, status }: Finding): boolean {
  return status === 'failed' && ['database', 'schema', 'redis', 'table'].includes(check);
}

/** The store as a service uses it: whether copies are in use, and whether anybody sweeps. */
async function useFindings(settings: StoreSettings, choice: StoreChoice): Promise<Finding[]> {
  try {
    return await withStore({ settings, namespace: AUTH_NAMESPACE, warn: () => undefined }, async (opened) => {
      await opened.backend.ping();
      const { status, reason = '', details = {} } = await new SessionStoreHealth(opened).check();
      if (status === 'down') {
        return [
          failed('sessions', reason, 'look at the server and at the rights of its user on the tables of Mooring'),
        ];
      }
      return [
        ...copiesFindings(details['copies'], details['copiesReason']),
        lagFinding(Number(details['sweepLagSeconds'])),
      ];
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [storeFailed('sessions', error, serverPlace(settings, choice === 'failover' ? 'postgres' : choice))];
  }
}

function copiesFindings(mode: unknown, reason: unknown): Finding[] {
  if (mode === undefined) return [];
  if (mode === 'accelerated') return [ok('copies', 'Redis has copies of sessions')];
  return [
    warning(
      'copies',
      `no copies are used (${String(reason)}): the database serves alone`,
      'mend Redis; processes use it again by themselves within seconds',
    ),
  ];
}

function lagFinding(seconds: number): Finding {
  if (seconds <= LONGEST_LAG_SECONDS) return ok('sessions', 'can be read, and the dead ones are swept');
  return warning(
    'sessions',
    `dead sessions have been waiting for ${Math.round(seconds / 3600)} h to be swept`,
    'run the cleanup worker (apps/cleanup-worker), or npx mooring sweep',
  );
}
