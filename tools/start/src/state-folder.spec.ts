import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStateFolder } from './state-folder.ts';

describe('openStateFolder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mooring-start-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('makes a folder and knows it again', async () => {
    const path = join(root, 'deep', 'folder');
    expect(await openStateFolder(path)).toMatchObject({ path, isWarm: false });
    expect(await openStateFolder(path)).toMatchObject({ path, isWarm: true });
  });

  it('refuses a folder with something else in it and leaves it alone', async () => {
    await writeFile(join(root, 'thesis.txt'), 'mine');
    await expect(openStateFolder(root)).rejects.toMatchObject({ code: 'folder_not_usable' });
    await expect(openStateFolder(root)).rejects.toThrow(/--data-dir or MOORING_START_DATA_DIR/);
    expect(await readFile(join(root, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it.each([
    ['{"layout":0}', /another version of Mooring \(layout 0, this one has 1\).*rm -rf/],
    ['{"layout', /layout\.json is damaged.*rm -rf/],
  ])('says what to do about a folder whose layout is %s', async (layout, message) => {
    await writeFile(join(root, 'layout.json'), layout);
    await expect(openStateFolder(root)).rejects.toThrow(message);
  });

  it('says so when the folder is a file', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(openStateFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'folder_not_usable' });
  });
});
