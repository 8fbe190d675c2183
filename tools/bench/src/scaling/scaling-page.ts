import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScaleReport } from '@mooring/simulation';
import type { PlotFile } from '../plots/plots.ts';
import { scalingPlots } from './scaling-plots.ts';

const OPERATIONS = join('docs', 'operations');
const PLOTS = 'scaling';

/** Draws what the page on scaling shows; plots that it no longer has are deleted. */
export async function writeScalingPlots(root: string): Promise<void> {
  const folder = join(root, OPERATIONS, PLOTS);
  const plots = await plotsOfReport(root);
  const kept = new Set(plots.map(({ file }) => file));
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (!kept.has(name)) await rm(join(folder, name));
  for (const { file, svg } of plots) await writeFile(join(folder, file), svg);
}

/** The names of plots that are not what the report says, that are missing or too many, or that the page does not show. */
export async function strayScalingPlots(root: string): Promise<readonly string[]> {
  const folder = join(root, OPERATIONS, PLOTS);
  const plots = await plotsOfReport(root);
  const there = await readdir(folder);
  const page = await readFile(join(root, OPERATIONS, 'scaling.md'), 'utf8');
  const stray = there.filter((name) => !plots.some(({ file }) => file === name));
  for (const { file, title, svg } of plots) {
    const isShown = page.includes(`![${title}](${PLOTS}/${file})`);
    if (!isShown || !there.includes(file) || (await readFile(join(folder, file), 'utf8')) !== svg) stray.push(file);
  }
  return stray;
}

async function plotsOfReport(root: string): Promise<readonly PlotFile[]> {
  const text = await readFile(join(root, OPERATIONS, 'scaling.json'), 'utf8');
  return scalingPlots(JSON.parse(text) as ScaleReport);
}
