import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformance } from '../conformance.ts';
import type { OptOut } from '../conformance.ts';
import type { ConformanceHarness } from '../harness.ts';
import { simulatedHarness } from '../simulated-server.fixture.ts';
import { TOPICS } from '../topics/topics.ts';
import { conformancePage } from './conformance-page.ts';
import type { ConformanceReport } from './conformance-report.ts';
import { documented, readTable } from './conformance-table.ts';

const others = Object.keys(TOPICS).filter((topic) => topic !== 'opening');
const optOut = Object.fromEntries(others.map((topic) => [topic, { reason: `no ${topic}` }])) as OptOut;

/** The report of a run, or of one in which nothing ran. */
async function reportOf(harness: ConformanceHarness, runs = true): Promise<ConformanceReport> {
  const checks: (() => Promise<void>)[] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (_: string, body: () => Promise<void>) => checks.push(body),
  };
  const report = conformance(runner, harness, optOut);
  for (const check of runs ? checks : []) await check();
  return report;
}

describe('the conformance table', () => {
  const sound = { ...simulatedHarness(), pristine: { reason: 'not here' } };
  let folder: string;
  let file: URL;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-table-'));
    file = pathToFileURL(join(folder, 'table.json'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes an adapter in, beside those that are there', async () => {
    await documented(await reportOf({ ...sound, name: 'b' }), file, { write: true });
    await documented(await reportOf({ ...sound, name: 'a' }), file, { write: true });
    const table = await readTable(file);
    expect(Object.keys(table)).toEqual(['a', 'b']);
    expect(table['a']?.checks).toEqual({
      opening: {
        'F-04: 8 clients that open at once all work': 'passes',
        'F-04: 8 clients that open at once on a backend that nobody used yet all work': 'needs pristine',
      },
    });
    expect(table['a']?.gives).toMatchObject({ pristine: 'not here', shared: 'given' });
    expect(table['a']?.leftOut).toMatchObject({ limits: 'no limits' });
  });

  it('takes in only what has passed', async () => {
    const report = await reportOf({ ...sound, name: 'c' }, false);
    await expect(documented(report, file, { write: true })).rejects.toThrow('has not passed in this run');
    expect(Object.keys(await readTable(file))).not.toContain('c');
  });

  it('is compared with what an adapter declares', async () => {
    await documented(await reportOf({ ...sound, name: 'a' }, false), file, { write: false });
    const changes: Partial<ConformanceHarness>[] = [
      { capabilities: { ...sound.capabilities, durable: true } },
      { pristine: { reason: 'another reason' } },
      { wire: { open: () => Promise.reject(new Error('unused')), exceptions: { 'sessions.get': 'asks twice' } } },
    ];
    for (const change of changes) {
      const report = await reportOf({ ...sound, ...change, name: 'a' }, false);
      await expect(documented(report, file, { write: false })).rejects.toThrow('write it again');
    }
    const unknown = await reportOf({ ...sound, name: 'unknown' }, false);
    await expect(documented(unknown, file, { write: false })).rejects.toThrow('write it again');
  });

  it('is shown with reasons where something is missing', async () => {
    const page = conformancePage(await readTable(file), TOPICS);
    expect(page).toContain('| [limits](#limits) | left out: no limits | left out: no limits |');
    expect(page).toContain('| [opening](#opening) | passes 1 of 2; the rest needs pristine |');
    expect(page).toContain('a backend that nobody used yet (`pristine`) | not here | not here |');
    expect(page).toMatch(/\| \*\*S-02\*\* .* \| left out: no compare-and-set \|/);
  });
});
