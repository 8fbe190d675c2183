import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readReport } from '../report/report-file.ts';
import { writeDocument } from '../report/report-folder.ts';
import { writeScalingPlots } from '../scaling/scaling-page.ts';
import { withFigures } from './markers.ts';
import type { Reports } from './selector.ts';

export async function readReports(folder: string): Promise<Reports> {
  const found = await Promise.all((await readdir(folder)).map((benchmark) => readReport(folder, benchmark)));
  return new Map(found.flatMap((report) => (report === undefined ? [] : [[report.benchmark, report] as const])));
}

/** Every document of the repository that people read, from its root: `docs/performance.md`. */
export async function documentPaths(root: string): Promise<readonly string[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true });
  const inDocsToo = inDocs.filter((path) => path.endsWith('.md') && !path.startsWith('reports'));
  return ['README.md', ...inDocsToo.map((path) => join('docs', path))];
}

/** Puts what the reports say into their texts and plots and into the documents. */
export async function writeDocuments(root: string, reportFolder: string): Promise<string> {
  const reports = await readReports(reportFolder);
  for (const report of reports.values()) await writeDocument(reportFolder, report);
  await writeScalingPlots(root);
  const changed: string[] = [];
  for (const path of await documentPaths(root)) {
    const before = await readFile(join(root, path), 'utf8');
    const after = withFigures(before, reports);
    if (after === before) continue;
    await writeFile(join(root, path), after);
    changed.push(path);
  }
  return changed.length === 0 ? 'All documents are as the reports have it.' : `Written: ${changed.join(', ')}`;
}
