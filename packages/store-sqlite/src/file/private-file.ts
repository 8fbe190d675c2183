import { closeSync, openSync, realpathSync, statSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const DISK_FULL = 13;

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

/** The name of a file system that a database must not be on. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(type);
}

/** The file, its folder or its disk is not as it must be; the message says how to mend it. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/**
 * Where the file really is; it is made when it is missing, with the mode it must have. SQLite gives what it puts beside it
 * the mode of the file.
 *
 * @throws UnusableFile, or what SQLite would throw where the disk is full
 */
export function preparedFile(path: string): string {
  const file = resolve(path);
  requireFolder(file);
  createPrivately(file);
  const real = localPath(file, 'the file is a link to nothing, or may not be reached; remove the link');
  const { mode } = statSync(real);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw new UnusableFile('the file may be read or written by other users; give it mode 0600 (chmod 600)');
  }
  return real;
}

/** @throws UnusableFile where the file could not be made */
export function requireFolder(file: string): void {
  localPath(dirname(resolve(file)), 'the folder of the file does not exist or may not be entered; create it first');
}

/** The path without links. */
function localPath(path: string, otherwise: string): string {
  let real: string;
  let type: number;
  try {
    real = realpathSync(path);
    ({ type } = statfsSync(real));
  } catch (cause) {
    throw new UnusableFile(otherwise, cause);
  }
  const network = networkFileSystem(type);
  if (network === undefined) return real;
  throw new UnusableFile(`the file is on ${network}, where locks do not hold; put it on a local disk`);
}

/**
 * A file that is there is never opened here: closing it again would take away the locks that SQLite has on it in this
 * process (sqlite.org/howtocorrupt.html, 2.2).
 */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', OWNER_ONLY));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw Object.assign(new Error('the disk is full'), { errcode: DISK_FULL });
    throw new UnusableFile(
      `the file can't be created (${code ?? 'unknown'}); its folder must be writable for this user`,
      cause,
    );
  }
}
