import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameFlag } from './config.ts';
import { StartError } from './errors.ts';

interface Owner {
  readonly pid: number;
  /** Tells the process from a later one with the same id. */
  readonly commandLine: string;
  readonly port: number;
}

export interface FolderLock {
  release(): void;
}

/**
 * Changes nothing, so that a start that would be refused makes nothing either.
 * @throws StartError `folder_in_use` when another process runs on it
 */
export async function assertNotInUse(folder: string): Promise<void> {
  const other = await readOwner(ownerFile(folder));
  if (other !== undefined && isRunning(other)) throw inUse(folder, other);
}

/**
 * Claims a folder for this process. What a process that is gone left behind is taken over.
 * @throws StartError `folder_in_use` when another process runs on it
 */
export async function lockFolder(folder: string, port: number): Promise<FolderLock> {
  const file = ownerFile(folder);
  const draft = `${file}.${process.pid}`;
  const owner: Owner = { pid: process.pid, commandLine: commandLineOf(process.pid), port };
  await writeFile(draft, JSON.stringify(owner));
  try {
    while (!(await claim(draft, file))) {
      const other = await readOwner(file);
      if (other !== undefined && isRunning(other)) throw inUse(folder, other);
      await removeStale(folder, file);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

function ownerFile(folder: string): string {
  return join(folder, 'running.json');
}

/** A link appears with its contents, so that nobody reads half an owner. */
async function claim(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the file away before it is removed: if another process claimed the folder meanwhile, it goes back. */
async function removeStale(folder: string, file: string): Promise<void> {
  const removed = `${file}.${process.pid}.stale`;
  try {
    await rename(file, removed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const other = await readOwner(removed);
  if (other !== undefined && isRunning(other)) {
    await rename(removed, file);
    throw inUse(folder, other);
  }
  await rm(removed, { force: true });
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isRunning({ pid, commandLine }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return commandLineOf(pid) === commandLine;
}

function commandLineOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

const OF_ITS_OWN = ['dataDir', 'port', 'authPort', 'workerPort', 'warehousePort'] as const;

function inUse(folder: string, { pid, port }: Owner): StartError {
  return new StartError(
    'folder_in_use',
    `Mooring already runs on ${folder} (process ${pid}, query API on http://127.0.0.1:${port}). ` +
      `End it with Ctrl-C or \`kill ${pid}\`, or start a second one with a folder and ports of its own: ` +
      `${OF_ITS_OWN.map(nameFlag).join(', ')}.`,
  );
}
