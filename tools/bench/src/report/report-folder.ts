import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportDocument } from './report-document.ts';
import type { ReportFile } from './report-file.ts';

/** Writes `report.md` and the plots of a report beside it; plots that it no longer has are deleted. */
export async function writeDocument(folder: string, report: ReportFile): Promise<void> {
  const own = join(folder, report.benchmark);
  await mkdir(own, { recursive: true });
  const { text, plots } = reportDocument(report);
  const kept = new Set(plots.map(({ file }) => file));
  for (const name of await readdir(own)) if (name.endsWith('.svg') && !kept.has(name)) await rm(join(own, name));
  for (const { file, svg } of plots) await writeFile(join(own, file), svg);
  await writeFile(join(own, 'report.md'), text);
}

/** Files beside a report that are not what it says: the names of those that differ, are missing or too many. */
export async function strayFiles(folder: string, report: ReportFile): Promise<readonly string[]> {
  const own = join(folder, report.benchmark);
  const { text, plots } = reportDocument(report);
  const wanted = new Map([['report.md', text], ...plots.map(({ file, svg }) => [file, svg] as const)]);
  const there = (await readdir(own)).filter((name) => name !== 'report.json');
  const differing: string[] = there.filter((name) => !wanted.has(name));
  for (const [name, content] of wanted) {
    if (!there.includes(name) || (await readFile(join(own, name), 'utf8')) !== content) differing.push(name);
  }
  return differing;
}
