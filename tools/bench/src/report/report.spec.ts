import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partsOf, record } from './recorder.ts';
import { reportDocument } from './report-document.ts';
import { readReport, withPart } from './report-file.ts';
import { strayFiles } from './report-folder.ts';
import { counting, fileOf, partOf, rowOf } from './report.fixture.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-reports-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function recording(runs: number) {
  return { folder, root: ROOT, servers: { PostgreSQL: '18.4' }, runs, quick: false, progress: () => undefined };
}

describe('withPart', () => {
  it('replaces a part, keeps the others with their stamps, and knows their order', () => {
    const before = fileOf(partOf('redis'), partOf('mongo'));
    const after = withPart(before, partOf('postgres'), ['postgres', 'redis']);
    expect(after.parts.map(({ part }) => part)).toEqual(['postgres', 'redis']);
    expect(after.parts[1]).toBe(before.parts[0]);
    const again = withPart(after, partOf('redis', [rowOf('get / raw', 'mooring', 1)]), ['postgres', 'redis']);
    expect(again.parts.map(({ rows }) => rows[0]?.p50)).toEqual([0.126, 1]);
  });
});

describe('record', () => {
  it('measures part by part, and stamps each with the machine it ran on', async () => {
    await record(counting, partsOf(counting), recording(3));
    const report = await readReport(folder, 'counting');
    expect(report?.parts.map(({ part, runs, rows }) => [part, runs, rows.map(({ name }) => name)])).toEqual([
      ['one', 3, ['one / itself']],
      ['two', 3, ['two / itself']],
    ]);
    expect(report?.parts[1]?.stamp).toEqual({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
      command: 'npm run bench -- counting --section two --runs 3 --report',
      commit: expect.stringMatching(/^[0-9a-f]{10}\+?$/),
      machine: {
        cpu: expect.stringMatching(/./),
        cores: expect.any(Number),
        memoryGib: expect.any(Number),
        system: expect.stringMatching(/./),
        node: process.versions.node,
      },
      servers: { PostgreSQL: '18.4' },
      load: { start: expect.any(Number), end: expect.any(Number) },
      seconds: expect.any(Number),
    });
    expect(await strayFiles(folder, report ?? fileOf())).toEqual([]);
  });

  it('leaves parts alone that were not measured again', async () => {
    const before = await readReport(folder, 'counting');
    await record(counting, ['two'], recording(4));
    const after = await readReport(folder, 'counting');
    expect(after?.parts[0]).toEqual(before?.parts[0]);
    expect(after?.parts[1]?.runs).toBe(4);
  });

  it('sees a text that is not what the report says', async () => {
    const report = await readReport(folder, 'counting');
    const text = join(folder, 'counting', 'report.md');
    await writeFile(text, (await readFile(text, 'utf8')).replace('| 4', '| 5'));
    await writeFile(join(folder, 'counting', 'left-over.svg'), '<svg/>');
    expect(await strayFiles(folder, report ?? fileOf())).toEqual(['left-over.svg', 'report.md']);
  });
});

describe('reportDocument', () => {
  it('says where and when each part was measured, what was promised and what came out', () => {
    const { text } = reportDocument(fileOf(partOf('postgres')));
    expect(text).toContain('## postgres');
    expect(text).toContain('a CPU, 2 cores, 24 GiB, Linux 6');
    expect(text).toContain('Node.js 20.20.2, PostgreSQL 18.4');
    expect(text).toContain('0.1 at the start, 1.5 at the end');
    expect(text).toMatch(/\| get \/ raw \| +<= 1.15 \| +1.2 \| \*\*missed\*\* \|/);
    expect(text).toMatch(/\| get \/ raw +\| mooring \| ms +\| 0.126 \|/);
  });
});
