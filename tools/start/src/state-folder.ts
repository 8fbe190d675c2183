import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameSetting } from './config.ts';
import { StartError } from './errors.ts';

/** Raised when what is kept changes so that a folder of before is of no use. */
const LAYOUT = 1;
const LAYOUT_FILE = 'layout.json';

export interface StateFolder {
  readonly path: string;
  /** Whether it was made by an earlier start. */
  readonly isWarm: boolean;
  readonly postgres: string;
  /** Of the embedded engine. */
  readonly data: string;
  readonly logs: string;
}

/**
 * Opens the folder that everything is kept in, or makes it.
 * @throws StartError `folder_not_usable` when it holds something else, or the state of another version
 */
export async function openStateFolder(path: string): Promise<StateFolder> {
  const folder = {
    path,
    postgres: join(path, 'postgres'),
    data: join(path, 'data'),
    logs: join(path, 'logs'),
  };
  const names = await listFolder(path);
  const isWarm = names.includes(LAYOUT_FILE);
  if (isWarm) await assertLayout(path);
  else if (names.length > 0) {
    throw notUsable(`The folder ${path} is not empty and holds no state of npm start`, path, 'empty it');
  }
  try {
    await mkdir(folder.logs, { recursive: true });
    if (!isWarm) await writeFile(join(path, LAYOUT_FILE), `${JSON.stringify({ layout: LAYOUT })}\n`);
  } catch (error) {
    throw notUsable(
      `The folder ${path} can't be written: ${(error as Error).message}`,
      path,
      'make it writable',
      error,
    );
  }
  return { ...folder, isWarm };
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw notUsable(`The folder ${path} can't be read: ${(error as Error).message}`, path, 'make it readable', error);
  }
}

async function assertLayout(path: string): Promise<void> {
  let layout: unknown;
  try {
    ({ layout } = JSON.parse(await readFile(join(path, LAYOUT_FILE), 'utf8')) as { layout?: unknown });
  } catch (error) {
    throw notUsable(`${join(path, LAYOUT_FILE)} is damaged`, path, removal(path), error);
  }
  if (layout !== LAYOUT) {
    throw notUsable(
      `The folder ${path} is of another version of Mooring (layout ${String(layout)}, this one has ${LAYOUT})`,
      path,
      removal(path),
    );
  }
}

/** What to do about a folder that is of no use: nothing in it is worth keeping. */
export function removal(path: string): string {
  return `remove it (rm -rf '${path}'), the next start makes it anew`;
}

function notUsable(fault: string, path: string, remedy: string, cause?: unknown): StartError {
  return new StartError(
    'folder_not_usable',
    `${fault}. Remedy: ${remedy}, or name another folder than ${path} with ${nameSetting('dataDir')}.`,
    { cause },
  );
}
