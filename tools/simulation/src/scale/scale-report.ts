import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SCALE_TABLES } from './scale-settings.ts';
import type { ScaleFigures, ScaleSetting } from './scale-setting.ts';
import { withScaleTables } from './scale-tables.ts';
import type { ScaleReport } from './scale-tables.ts';
import { runScale } from './scale-world.ts';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/operations/scaling.md', import.meta.url));
const REPORT = fileURLToPath(new URL('../../../../docs/operations/scaling.json', import.meta.url));

/** Runs everything that the document tells of: some minutes. The figures are the same on every machine. */
export async function simulateScale(progress: (text: string) => void): Promise<ScaleReport> {
  const report: Record<string, readonly ScaleFigures[]> = {};
  for (const [name, settings] of Object.entries<readonly ScaleSetting[]>(SCALE_TABLES)) {
    const all: ScaleFigures[] = [];
    for (const setting of settings) {
      const { tenants, processes, overflow, perSecond, keepAliveSeconds } = setting;
      progress(`${tenants} tenants, ${processes} processes, ${overflow}, ${perSecond}/s, ${keepAliveSeconds} s`);
      all.push(await runScale(setting));
    }
    report[name] = all;
  }
  return report as ScaleReport;
}

export async function readScaleReport(): Promise<ScaleReport> {
  return JSON.parse(await readFile(REPORT, 'utf8')) as ScaleReport;
}

export function readScaleDocument(): Promise<string> {
  return readFile(DOCUMENT, 'utf8');
}

/** Into `docs/operations`: the report, and its tables into the page. */
export async function writeScaleReport(report: ScaleReport): Promise<void> {
  await writeFile(REPORT, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(DOCUMENT, withScaleTables(await readScaleDocument(), report));
}
