import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../benchmark.ts';
import type { LoadAverages, MachineStamp } from './machine-stamp.ts';
import type { ServerVersions } from './server-versions.ts';

/** Where and when the figures of a part were measured. */
export interface Stamp {
  /** When it began, in UTC: `2026-11-26 23:40`. */
  readonly date: string;
  /** That repeats it. */
  readonly command: string;
  readonly commit: string;
  readonly machine: MachineStamp;
  readonly servers: ServerVersions;
  readonly load: LoadAverages;
  readonly seconds: number;
}

/** A backend or a section of a benchmark, measured by itself. */
export interface ReportPart extends Pick<Report, 'runs' | 'rows' | 'checks'> {
  /** `all` of a benchmark that has no parts. */
  readonly part: string;
  /** Few repetitions, so that its figures mean little. */
  readonly quick: boolean;
  readonly stamp: Stamp;
}

/** What is checked in of a benchmark: its parts, each with a stamp of its own. */
export interface ReportFile {
  readonly benchmark: string;
  readonly conditions: readonly string[];
  readonly parts: readonly ReportPart[];
}

const FILE = 'report.json';

/** Undefined where there is none. */
export async function readReport(folder: string, benchmark: string): Promise<ReportFile | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, benchmark, FILE), 'utf8')) as ReportFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeReport(folder: string, report: ReportFile): Promise<void> {
  await mkdir(join(folder, report.benchmark), { recursive: true });
  await writeFile(join(folder, report.benchmark, FILE), `${JSON.stringify(report, null, 1)}\n`);
}

/**
 * A part in the place of the one that was there before.
 * @param known the parts that the benchmark has, in its order; others are gone
 */
export function withPart(file: ReportFile, part: ReportPart, known: readonly string[]): ReportFile {
  const others = file.parts.filter((one) => one.part !== part.part);
  const parts = [...others, part].filter((one) => known.includes(one.part));
  return { ...file, parts: parts.toSorted((one, other) => known.indexOf(one.part) - known.indexOf(other.part)) };
}
