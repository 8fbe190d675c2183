import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { composeFile } from './compose-file.fixture.ts';
import { manifests, podOf } from './manifests.fixture.ts';

const { entrypoint, command } = composeFile().services['redis'] as unknown as Record<string, string[]>;
const commands: [place: string, words: string[]][] = [
  // Compose reads `$$` as `$`.
  ['compose', [...(entrypoint ?? []), ...(command ?? [])].map((word) => word.replaceAll('$$', '$'))],
  ...manifests().flatMap(({ place, object }) =>
    (podOf(object)?.containers ?? [])
      .filter(({ name }) => name === 'redis')
      .map(({ command = [], args = [] }): [string, string[]] => [place, [...command, ...args]]),
  ),
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-redis-command-'));
  await writeFile(join(folder, 'redis-server'), '#!/bin/sh\necho "$$ $*"\ncat\n', { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

it('is looked at in every place', () => {
  expect(commands).toHaveLength(3);
});

it.each(commands)('Redis of %s is the process that is told to end, and reads its password', async (_place, words) => {
  const password = 'a "b" $c \\d';
  const env = { PATH: `${folder}:${process.env['PATH']}`, REDIS_PASSWORD: password };
  const [program = '', ...args] = words;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const [process_, ...configuration] = output.trimEnd().split('\n');
  expect(process_).toBe(`${child.pid} -`);
  expect(configuration[0]).toBe(`requirepass ${password}`);
  expect(configuration).toContainEqual(expect.stringMatching(/^maxmemory \d+mb$/));
  expect(configuration).toContainEqual(expect.stringMatching(/^save ""$|^appendonly yes$/));
});
