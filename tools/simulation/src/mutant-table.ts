import { explore } from './kernel/seed-run.ts';
import type { Mutant } from './kernel/scenario.ts';
import { scenarioOf } from './scenarios.ts';

/** So many seeds have to find every planted bug. */
export const MOST_SEEDS = 1000;

export interface FoundMutant {
  readonly mutant: Mutant;
  /** The first seed that finds it, counted from 1; undefined when none of the first thousand does. */
  readonly seeds: number | undefined;
  /** By which it was found. */
  readonly invariant: string | undefined;
}

export async function findMutant(mutant: Mutant): Promise<FoundMutant> {
  const { sabotage } = mutant;
  const { seeds, failure } = await explore(scenarioOf(mutant.scenario), { seeds: MOST_SEEDS, sabotage });
  return { mutant, seeds: failure === undefined ? undefined : seeds, invariant: failure?.invariant };
}

/** As a table for a document. */
export function mutantTable(found: readonly FoundMutant[]): string {
  const rows = found.map(({ mutant, seeds, invariant }) => [
    mutant.scenario,
    mutant.name,
    invariant ?? 'not found',
    String(seeds ?? `> ${MOST_SEEDS}`),
  ]);
  return tableOf(['world', 'planted bug', 'invariant that finds it', 'seeds'], rows);
}

/** A Markdown table whose columns are as wide as their widest entry. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
