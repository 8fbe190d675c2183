import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { REPORTS } from '../command-line.ts';
import { strayFiles } from '../report/report-folder.ts';
import { strayScalingPlots } from '../scaling/scaling-page.ts';
import { looseFigures, staleExceptions } from './loose-figures.ts';
import { withFigures } from './markers.ts';
import { WATCHED } from './watched-documents.ts';
import { documentPaths, readReports } from './write-documents.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const REMEDY = 'npm run bench -- --documents';

describe('the documents', () => {
  it(`have the figures of the reports; otherwise: ${REMEDY}`, async () => {
    const reports = await readReports(join(ROOT, REPORTS));
    for (const path of await documentPaths(ROOT)) {
      const text = await readFile(join(ROOT, path), 'utf8');
      expect(`${path}\n${text}`).toBe(`${path}\n${withFigures(text, reports)}`);
    }
  });

  it(`are written from reports that were measured in full; their texts and plots otherwise: ${REMEDY}`, async () => {
    const reports = await readReports(join(ROOT, REPORTS));
    expect(reports.size).toBeGreaterThan(0);
    for (const report of reports.values()) {
      expect(report.parts.filter(({ quick }) => quick)).toEqual([]);
      expect([report.benchmark, await strayFiles(join(ROOT, REPORTS), report)]).toEqual([report.benchmark, []]);
    }
  });

  it(`have the plots of the report on scaling; otherwise: ${REMEDY}`, async () => {
    expect(await strayScalingPlots(ROOT)).toEqual([]);
  });

  it.each(WATCHED.map((document) => [document.path, document] as const))(
    '%s has no figure without a report',
    async (path, document) => {
      const text = await readFile(join(ROOT, path), 'utf8');
      if (document.heading !== undefined) expect(text).toMatch(new RegExp(`^#+ ${document.heading}$`, 'm'));
      expect(looseFigures(text, document)).toEqual([]);
      expect(staleExceptions(text, document)).toEqual([]);
    },
  );
});
