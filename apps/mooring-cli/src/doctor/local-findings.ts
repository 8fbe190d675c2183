import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failed, ok, skipped } from './finding.ts';
import type { Finding } from './finding.ts';

const LEAST_NODE = [20, 19] as const;

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]);
  return isOld
    ? failed('node', `Node.js ${version} is too old`, `install Node.js ${LEAST_NODE.join('.')} or later`)
    : ok('node', `Node.js ${version}`);
}

/** The folder of embedded databases: the query API makes it, so that its parent will do. */
export async function dataFolderFinding(folder: string | undefined): Promise<Finding> {
  const check = 'data-folder';
  if (folder === undefined) return skipped(check, 'none is configured');
  const remedy = 'mend its rights, or name another one in MOORING_DATA_DIR';
  let place = folder;
  while (!(await exists(place)) && dirname(place) !== place) place = dirname(place);
  try {
    if (!(await stat(place)).isDirectory()) return failed(check, `${place} is no folder`, remedy);
    await access(place, constants.W_OK | constants.X_OK);
    return ok(check, place === folder ? `${folder} can be written to` : `${folder} can be made`);
  } catch {
    return failed(check, `this user can not write to ${place}`, remedy);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
