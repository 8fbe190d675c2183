import { mkdir, readFile, readdir, rename, rm, chown } from 'node:fs/promises';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ServiceError } from '../errors.ts';
import { findCommandLine, isProcessAlive } from '../process/process-tree.ts';
import type { Account } from '../process/server-process.ts';

export type RunProgram = (command: string, args: readonly string[]) => Promise<{ code: number; output: string }>;

/** Whether a folder holds a cluster. A folder with something else in it is refused, never overwritten. */
export async function holdsCluster(dataDir: string): Promise<boolean> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return true;
  const names = await readdir(dataDir).catch(() => []);
  if (names.length === 0) return false;
  throw new ServiceError(
    'folder_not_usable',
    `The folder ${dataDir} is neither empty nor a PostgreSQL cluster. Remedy: name another folder or empty this one.`,
  );
}

/**
 * Makes the folders above a data folder. Those it makes must let the server's account pass.
 * @returns the folder right above
 */
export async function prepareDataFolder(dataDir: string, account: Account | undefined): Promise<string> {
  const parent = dirname(dataDir);
  await mkdir(parent, { recursive: true });
  const isTemporary = account !== undefined && basename(parent).startsWith('mooring-postgres-');
  if (isTemporary) await chown(parent, account.uid, account.gid);
  return parent;
}

/** Makes a cluster beside its final place and moves it there, so that an interrupted start leaves no half of one. */
export async function createCluster(options: {
  readonly dataDir: string;
  readonly initdb: string;
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly run: RunProgram;
}): Promise<void> {
  const draft = `${options.dataDir}.draft-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (options.account !== undefined) await chown(draft, options.account.uid, options.account.gid);
  try {
    const args = [
      '--pgdata',
      draft,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--encoding',
      'UTF8',
      '--locale',
      'C',
    ];
    const { code, output } = await options.run(options.initdb, options.durable ? args : [...args, '--no-sync']);
    if (code !== 0)
      throw new ServiceError('start_failed', `initdb could not make a cluster for ${options.dataDir}: ${output}`);
    await rename(draft, options.dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Clears what a crash left. PostgreSQL removes a stale `postmaster.pid` itself, except when its process id now belongs
 * to something else; a server that really runs on the folder is refused.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const lock = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const commandLine = isProcessAlive(pid) ? findCommandLine(pid) : undefined;
  if (commandLine?.includes('postgres') === true && commandLine.includes(realpathSync(dataDir))) {
    throw new ServiceError(
      'folder_in_use',
      `A PostgreSQL (process ${pid}) already runs on ${dataDir}. Remedy: stop it (kill ${pid}) or name another folder.`,
    );
  }
  await rm(lock, { force: true });
}
