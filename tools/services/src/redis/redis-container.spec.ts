import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';
import { localMachine, type Machine } from '../machine.ts';
import { startRedis } from './redis-server.ts';
import { runRedisCommands } from './resp.ts';

/** Stands in for docker: notes how it was called, and runs the server of this machine on the published port. */
const STAND_IN = `#!/bin/sh
folder=$(dirname "$0")
echo "$*" >> "$folder/calls"
case $1 in
  run)
    port=$(echo "$*" | sed 's/.*127.0.0.1:\\([0-9]*\\):6379.*/\\1/')
    echo $$ > "$folder/$4"
    while [ "$1" != redis-server ]; do shift; done
    shift
    exec redis-server --port "$port" --dir "$folder" "$@" ;;
  kill) kill -KILL "$(cat "$folder/$2")" ;;
esac
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
  await writeFile(join(folder, 'docker'), STAND_IN);
  await chmod(join(folder, 'docker'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('runs in a container when that is all there is, and is removed with it', async () => {
  const here = localMachine(readConfig().path);
  const findOnPath: Machine['findOnPath'] = (name) => (name === 'docker' ? join(folder, 'docker') : undefined);
  const server = await startRedis({ machine: { ...here, findOnPath }, settings: { maxmemory: '64mb' } });
  expect(server.origin).toBe('Docker image redis:7');
  expect(await runRedisCommands(server.url, [['CONFIG', 'GET', 'maxmemory']])).toEqual([['maxmemory', '67108864']]);
  await server.kill();
  await expect(runRedisCommands(server.url, [['PING']])).rejects.toThrow();
  await server.restart();
  expect(await runRedisCommands(server.url, [['PING']])).toEqual(['PONG']);
  await server.stop();
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  expect(calls.map((call) => call.split(' ')[0])).toEqual(['info', 'run', 'kill', 'run']);
  expect(calls[1]).toMatch(/^run --rm --name mooring-redis-\S+ --publish 127\.0\.0\.1:\d+:6379 redis:7 redis-server /);
});
