import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assertNotInUse, lockFolder } from './folder-lock.ts';

describe('lockFolder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-start-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('refuses a folder that a running process has, and says which and where', async () => {
    await lockFolder(folder, 8123);
    const refusal = lockFolder(folder, 9000);
    await expect(refusal).rejects.toMatchObject({ code: 'folder_in_use' });
    await expect(refusal).rejects.toThrow(new RegExp(`process ${process.pid}.*:8123.*--data-dir`));
    await expect(refusal).rejects.toThrow('--data-dir, --port, --auth-port, --worker-port, --warehouse-port.');
  });

  it('refuses it before anything is made, too', async () => {
    await assertNotInUse(join(folder, 'missing'));
    await assertNotInUse(folder);
    expect(await readdir(folder)).toEqual([]);
    await lockFolder(folder, 8123);
    await expect(assertNotInUse(folder)).rejects.toMatchObject({ code: 'folder_in_use' });
    await writeFile(join(folder, 'running.json'), JSON.stringify({ pid: 2 ** 22 + 1, commandLine: 'node', port: 1 }));
    await assertNotInUse(folder);
  });

  it('leaves nothing behind when it is released', async () => {
    (await lockFolder(folder, 1)).release();
    expect(await readdir(folder)).toEqual([]);
    (await lockFolder(folder, 1)).release();
  });

  it.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, commandLine: 'node', port: 1 })],
    ['another process with the same id', JSON.stringify({ pid: process.pid, commandLine: 'something else', port: 1 })],
    ['a crash in the middle of writing', '{"pid":'],
  ])('takes over what %s left', async (_, left) => {
    await writeFile(join(folder, 'running.json'), left);
    const lock = await lockFolder(folder, 1);
    await expect(lockFolder(folder, 1)).rejects.toMatchObject({ code: 'folder_in_use' });
    lock.release();
    expect(await readdir(folder)).toEqual([]);
  });
});
