import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { compileSources } from './owner.fixture.ts';

jest.setTimeout(180_000);

interface Started {
  readonly owner: ChildProcess;
  readonly pids: readonly number[];
  readonly dataDir: string;
}

let compiled: string;
beforeAll(async () => {
  compiled = await compileSources();
});
afterAll(() => rm(compiled, { recursive: true, force: true }));

function startOwner(ending: string): Promise<Started> {
  const program = `
    import { startPostgres, startRedis } from ${JSON.stringify(`${compiled}/index.mjs`)};
    const postgres = await startPostgres();
    const redis = await startRedis();
    console.log(JSON.stringify({ pids: [postgres.pid, redis.pid], dataDir: postgres.dataDir }));
    ${ending}
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    owner.once('close', (code) => reject(new Error(`the owner ended early with ${code}`)));
    owner.stdout?.once('data', (line: Buffer) =>
      resolve({ owner, ...(JSON.parse(line.toString()) as object) } as Started),
    );
  });
}

/** Ended processes may wait as zombies for a parent that never asks; a zombie has no program any more. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

async function untilGone(started: Started): Promise<boolean> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    if (!started.pids.some(isRunning) && !existsSync(started.dataDir)) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

const onLinux = process.platform === 'linux' ? describe : describe.skip; // reason: it looks at /proc

onLinux('servers [optional: looks at /proc] whose owner', () => {
  const stay = 'setInterval(() => undefined, 1000);';

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('was ended by %s end too, with their folder', async (signal) => {
    const started = await startOwner(stay);
    expect(started.pids.every(isRunning)).toBe(true);
    started.owner.kill(signal);
    expect(await untilGone(started)).toBe(true);
  });

  it('ended without stopping them end too, and do not keep it alive', async () => {
    expect(await untilGone(await startOwner(''))).toBe(true);
  });
});
