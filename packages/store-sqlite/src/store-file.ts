import { closeSync, openSync, realpathSync, statSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from '@mooring/session-store';
import { Connection, query } from './connection.ts';
import { BACKEND, translate } from './errors.ts';
import { unlocked } from './lock-wait.ts';
import { misconfigured } from './options.ts';
import type { SqliteStoreSettings } from './options.ts';

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * File systems of other machines by their magic number (statfs(2)). Their locks and shared memory do not hold between
 * machines, and a WAL database needs both (sqlite.org/wal.html).
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01021997, '9P'],
]);

/** The name of a file system that a store must not be on. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(type);
}

const WAL_MODE = query<{ journal_mode: string }>('pragma journal_mode = wal');

/** The open file. */
export class StoreFile {
  private readonly inode: bigint;

  constructor(
    private readonly path: string,
    readonly connection: Connection,
  ) {
    this.inode = statSync(path, { bigint: true }).ino;
  }

  /** Throws when the file was deleted or another one put at its place while it was open. */
  requireSame(operation: string): void {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode === this.inode) return;
    throw new StoreError({
      code: 'unavailable',
      message: 'the file was deleted or replaced while it was open; restart the processes that use it',
      backend: BACKEND,
      operation,
      retryable: false,
    });
  }
}

/** Opens the file, creating it when it is missing, for several processes at once. Rejects with a `StoreError`. */
export async function openStoreFile(settings: SqliteStoreSettings): Promise<StoreFile> {
  const file = prepareFile(settings.file);
  let connection: Connection | undefined;
  try {
    const opened = (connection = new Connection(file));
    await unlocked(settings.busyTimeoutMs, () => inWalMode(opened, settings));
    return new StoreFile(file, opened);
  } catch (cause) {
    connection?.close();
    throw translate('create', cause);
  }
}

/** Where the file really is, with the mode it must have. */
function prepareFile(path: string): string {
  const file = resolve(path);
  requireLocal(dirname(file), 'the folder of the file does not exist or may not be entered; create it first');
  createPrivately(file);
  const real = requireLocal(file, 'the file is a link to nothing, or may not be reached; remove the link');
  const { mode } = statSync(real);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw misconfigured('the file may be read or written by other users; give it mode 0600 (chmod 600)');
  }
  return real;
}

/** The path without links. */
function requireLocal(path: string, otherwise: string): string {
  let real: string;
  let type: number;
  try {
    real = realpathSync(path);
    ({ type } = statfsSync(real));
  } catch (cause) {
    throw misconfigured(otherwise, cause);
  }
  const network = networkFileSystem(type);
  if (network === undefined) return real;
  throw misconfigured(`the file is on ${network}, where locks do not hold; put it on a local disk`);
}

/**
 * SQLite gives the WAL the mode of the file. A file that is there is never opened here: closing it again would take
 * away the locks that SQLite has on it in this process (sqlite.org/howtocorrupt.html, 2.2).
 */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', OWNER_ONLY));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw translate('create', { errcode: 13 });
    throw misconfigured(
      `the file can't be created (${code ?? 'unknown'}); its folder must be writable for this user`,
      cause,
    );
  }
}

/** In the order that SQLite needs: `auto_vacuum` counts only before anything is written. */
function inWalMode(connection: Connection, { synchronous }: SqliteStoreSettings): void {
  connection.exec(`
    pragma auto_vacuum = incremental;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
    pragma temp_store = memory;
    pragma cache_size = -16384;
    pragma synchronous = ${synchronous};
    pragma journal_size_limit = 16777216;
  `);
  if (connection.one(WAL_MODE)?.journal_mode !== 'wal') {
    throw misconfigured('the file can not be put into WAL mode on this disk');
  }
  connection.exec('pragma secure_delete = fast');
}
