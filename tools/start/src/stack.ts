import { ServiceError, startPostgres, type PostgresServer } from '@mooring/services';
import type { StartConfig } from './config.ts';
import { prepareDatabases } from './databases.ts';
import { loadDemoData, showDemoData } from './demo-data/demo-data.ts';
import { StartError } from './errors.ts';
import { assertNotInUse, lockFolder } from './folder-lock.ts';
import { assertPortsFree } from './ports.ts';
import type { Progress } from './progress.ts';
import { startAuthApi, startCleanupWorker, startQueryApi, startWarehouse, type Place } from './services.ts';
import { Shutdown } from './shutdown.ts';
import { startTogether, type Part } from './start-together.ts';
import { openStateFolder, removal, type StateFolder } from './state-folder.ts';

export interface RunningStack {
  readonly config: StartConfig;
  readonly folder: StateFolder;
  readonly postgres: PostgresServer;
  /** Settles with the reason when a part ended by itself; never otherwise. */
  readonly failed: Promise<StartError>;
}

/** What a PostgreSQL says whose folder is of no use, though others may say it too. */
const DAMAGED: ReadonlySet<string> = new Set(['start_failed', 'folder_not_usable']);
const WATCH_MS = 500;
/** The bulk load needs no write-ahead log of its own then, and nothing replicates from here. */
const POSTGRES_SETTINGS = { wal_level: 'minimal', max_wal_senders: '0', jit: 'off' };

/**
 * Starts PostgreSQL with the data, then the warehouse, if there is to be one, and the three services at once. What was started is in `shutdown`,
 * also when this fails. Refused before anything starts, it has made nothing.
 * @param signal ends a start that is under way
 * @throws StartError with what is wrong and what to do about it
 */
export async function startStack(
  config: StartConfig,
  shutdown: Shutdown,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunningStack> {
  await assertNotInUse(config.dataDir);
  await assertPortsFree(config);
  const folder = await openStateFolder(config.dataDir);
  const lock = await lockFolder(folder.path, config.port);
  shutdown.add('the folder', () => lock.release());

  progress(folder.isWarm ? 'Starting PostgreSQL …' : `Making a PostgreSQL in ${folder.path}, a few seconds …`);
  const postgres = await startDatabase(config, folder);
  shutdown.add('PostgreSQL', () => postgres.stop());
  progress(`PostgreSQL is up on port ${postgres.port} (${postgres.origin}; data in ${folder.postgres})`);
  signal.throwIfAborted();

  await prepareDatabases(postgres.url, config);
  const place = { config, folder, postgres };
  await loadDemoData(place, progress, signal);
  const parts = listParts(place);
  progress(`Starting ${parts.map(({ title }) => title).join(', ')}, a few seconds …`);
  const services = await startTogether(parts, shutdown, progress, signal);
  const failed = Promise.race([
    ...services.map((service) => service.failed),
    watchPostgres(postgres, folder, shutdown),
  ]);
  await showDemoData(place, progress, signal);
  return { ...place, failed };
}

/** In the order in which they are ended in reverse. */
function listParts(place: Omit<Place, 'signal'>): readonly Part[] {
  const { config } = place;
  const warehouse: Part = {
    title: 'the warehouse',
    start: (signal) => startWarehouse({ ...place, signal }),
    ready: `The warehouse answers on port ${config.warehousePort}; it takes ${config.connectDelayMs} ms to connect`,
  };
  return [
    ...(config.warehouse ? [warehouse] : []),
    {
      title: 'the auth API',
      start: (signal) => startAuthApi({ ...place, signal }),
      ready: `The auth API is ready on port ${config.authPort}`,
    },
    {
      title: 'the query API',
      start: (signal) => startQueryApi({ ...place, signal }),
      ready: `The query API is ready on port ${config.port}`,
    },
    {
      title: 'the cleanup worker',
      start: (signal) => startCleanupWorker({ ...place, signal }),
      ready: `The cleanup worker is ready on port ${config.workerPort}`,
    },
  ];
}

async function startDatabase(config: StartConfig, folder: StateFolder): Promise<PostgresServer> {
  try {
    return await startPostgres({
      dataDir: folder.postgres,
      settings: POSTGRES_SETTINGS,
      ...(config.postgresPort === 0 ? {} : { port: config.postgresPort }),
    });
  } catch (error) {
    if (!(error instanceof ServiceError) || !DAMAGED.has(error.code) || !folder.isWarm) throw error;
    throw new StartError(
      'folder_not_usable',
      `${error.message}\nIf the folder ${folder.path} is damaged or of another PostgreSQL: ${removal(folder.path)}.`,
      { cause: error },
    );
  }
}

function watchPostgres(postgres: PostgresServer, folder: StateFolder, shutdown: Shutdown): Promise<StartError> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(postgres.pid)) return;
      clearInterval(timer);
      resolve(
        new StartError('process_failed', `PostgreSQL ended by itself; its log: ${folder.postgres}/mooring-server.log`),
      );
    }, WATCH_MS);
    shutdown.add('the watch over PostgreSQL', () => clearInterval(timer));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
