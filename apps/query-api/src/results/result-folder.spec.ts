import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeptResults } from './kept-results.ts';
import { KEPT_MS, ResultFolder } from './result-folder.ts';
import { TEMPORARY } from './result-variables.ts';
import type { ResultSettings } from './result-variables.ts';

const LONGEST_MS = 3_600_000;
const OWNER = { tenantId: '../acme', queryId: 'q1', attempt: 1 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const opened = async (maxBytesPerTenant = 100): Promise<ResultFolder> => {
  const found = await ResultFolder.open({ folder, maxBytesPerTenant }, LONGEST_MS);
  if (found === undefined) throw new Error('no folder');
  return found;
};
const files = async (): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== 'folder-id').map(({ name }) => name);
};

describe('a result', () => {
  it('is found once it is whole, by every process that has the folder', async () => {
    const [one, two] = await Promise.all([opened(), opened()]);
    expect(one.id).toBe(two.id);
    const result = await one.create('../acme', 'q1-1.csv');
    await result.write('half');
    expect(await two.find('../acme', 'q1-1.csv', 4)).toBeUndefined();
    await result.write(Buffer.from('whole'));
    const bytes = await result.keep();
    const found = await two.find('../acme', 'q1-1.csv', bytes);
    expect(await found?.readFile('utf8')).toBe('halfwhole');
    await found?.close();
    expect(await two.find('globex', 'q1-1.csv', bytes)).toBeUndefined();
    expect(await two.find('../acme', 'q1-1.csv', bytes + 1)).toBeUndefined();
    expect(await files()).toEqual(['q1-1.csv']);
  });

  it('leaves nothing when it is given up, and its room', async () => {
    const results = await opened(10);
    const [one, two] = [await results.create('acme', 'q1-1.rows'), await results.create('acme', 'q2-1.rows')];
    await one.write('123456');
    await one.discard();
    await two.write('1234567890');
    await two.keep();
    expect(await files()).toEqual(['q2-1.rows']);
  });

  it('fits into what its tenant may have, with all that is there and under way', async () => {
    const first = await (await opened(10)).create('acme', 'q1-1.rows');
    await first.write('123456');
    await first.keep();
    const results = await opened(10);
    const [one, two] = await Promise.all([results.create('acme', 'q2-1.rows'), results.create('acme', 'q3-1.rows')]);
    await one.write('123');
    await expect(two.write('45')).rejects.toMatchObject({ code: 'result_too_large' });
    await two.write('4');
    const other = await results.create('globex', 'q4-1.rows');
    await other.write('1234567890');
    await Promise.all([one.keep(), two.discard(), other.keep()]);
  });

  it('is removed when its time is over, and half of one when nobody can be writing it any more', async () => {
    const results = await opened();
    await (await results.create('acme', 'old-1.csv')).keep();
    await (await results.create('acme', 'new-1.csv')).keep();
    const [left, running] = [await results.create('acme', 'left-1.csv'), await results.create('acme', 'running-1.csv')];
    const now = Date.now();
    const aged = async (name: string, ageMs: number): Promise<void> => {
      const [path] = (await readdir(folder, { recursive: true })).filter((found) => found.endsWith(name));
      await utimes(join(folder, path ?? ''), (now - ageMs) / 1000, (now - ageMs) / 1000);
    };
    await aged('old-1.csv', KEPT_MS + 1000);
    await aged('new-1.csv', KEPT_MS - 1000);
    await aged('left-1.csv.part', 2 * LONGEST_MS);
    await aged('running-1.csv.part', LONGEST_MS - 1000);
    const [tenant = ''] = (await readdir(folder)).filter((name) => name !== 'folder-id');
    await mkdir(join(folder, 'others'));
    for (const theirs of ['others/theirs-1.csv', `${tenant}/notes.csv`]) {
      await writeFile(join(folder, theirs), '');
      await aged(theirs, 2 * KEPT_MS);
    }
    await results.sweep(now);
    expect((await files()).sort()).toEqual(['new-1.csv', 'notes.csv', 'running-1.csv.part', 'theirs-1.csv']);
    await Promise.all([left.discard(), running.discard()]);
  });
});

describe('kept results', () => {
  const settings = (at: ResultSettings['folder']) => ({
    results: { folder: at, maxBytesPerTenant: 100 },
    queries: { timeoutMs: 1000, maxTimeoutMs: LONGEST_MS, maxRows: 10 },
  });

  it('are not found by a process with another folder, which says so, nor once they are gone', async () => {
    const [here, there] = [await KeptResults.open(settings(folder)), await KeptResults.open(settings(TEMPORARY))];
    const file = await here.create(OWNER, 'rows');
    const result = { folder: here.folderId, form: 'rows', bytes: await file.keep() } as const;
    await (await here.open(OWNER, result)).close();
    await expect(there.open(OWNER, result)).rejects.toMatchObject({ code: 'result_elsewhere' });
    await expect(here.open({ ...OWNER, attempt: 2 }, result)).rejects.toMatchObject({ code: 'result_expired' });
    await there.onApplicationShutdown();
    expect(await readFile(join(folder, 'folder-id'), 'utf8')).toBe(here.folderId);
  });

  it('are in a folder from the first on to the end of the process where it is temporary', async () => {
    const results = await KeptResults.open(settings(TEMPORARY));
    const isThere = async (): Promise<boolean> =>
      (await readdir(tmpdir())).includes(`mooring-results-${results.folderId}`);
    results.onApplicationBootstrap();
    expect(await isThere()).toBe(false);
    await (await results.create(OWNER, 'csv')).keep();
    expect(await isThere()).toBe(true);
    await results.onApplicationShutdown();
    expect(await isThere()).toBe(false);
  });

  it('are refused where there is no folder', async () => {
    const results = await KeptResults.open(settings(undefined));
    expect(() => results.folderId).toThrow(expect.objectContaining({ code: 'results_not_kept' }));
  });
});
