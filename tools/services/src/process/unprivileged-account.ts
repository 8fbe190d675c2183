import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from './server-process.ts';
import { ServiceError } from '../errors.ts';

const CANDIDATES = ['postgres', 'nobody'] as const;

/**
 * Whom PostgreSQL runs as when this process is root, which PostgreSQL refuses to be: the owner of an existing data
 * folder, else the first of `postgres` and `nobody` that the machine has. No account is created.
 */
export async function findUnprivilegedAccount(dataDir: string, passwdFile = '/etc/passwd'): Promise<Account> {
  try {
    const { uid, gid } = statSync(dataDir);
    if (uid !== 0) return { uid, gid };
  } catch {
    // Not there yet: it gets the owner chosen below.
  }
  const lines = (await readFile(passwdFile, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const entry = lines.find((fields) => fields[0] === name);
    if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new ServiceError(
    'start_failed',
    `PostgreSQL does not run as root, and ${passwdFile} has neither of the accounts ${CANDIDATES.join(', ')}. ` +
      'Remedy: add one (useradd --system postgres) or run as a normal user.',
  );
}

function mayEnter(path: string, account: Account): boolean {
  const { mode, uid, gid } = statSync(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & 0o1) === 0o1;
}

/** Whether an account can reach and execute (or, for a folder, enter) a path through all folders above it. */
export function isReachable(path: string, account: Account): boolean {
  for (let current = path; ; current = dirname(current)) {
    if (!mayEnter(current, account)) return false;
    if (current === dirname(current)) return true;
  }
}
