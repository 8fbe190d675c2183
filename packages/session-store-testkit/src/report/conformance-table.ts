import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { AdapterReport, ConformanceReport } from './conformance-report.ts';

/** Every adapter by name: the table that documents show, as data. */
export type ConformanceTable = Readonly<Record<string, AdapterReport>>;

export async function readTable(file: URL): Promise<ConformanceTable> {
  return JSON.parse(await readFile(file, 'utf8')) as ConformanceTable;
}

/**
 * Compares what the table says of an adapter with what its harness declares, or, with `write`, puts the adapter's report
 * into the table. The last test of an adapter's conformance spec: then the others have run.
 */
export async function documented(
  report: ConformanceReport,
  file: URL,
  { write }: { readonly write: boolean },
): Promise<void> {
  if (write) {
    const table = await readTable(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return {};
      throw error;
    });
    const entries = Object.entries({ ...table, [report.adapter]: report.finished() });
    const sorted = Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
    await writeFile(file, `${JSON.stringify(sorted, null, 2)}\n`);
  }
  const { checks: _, ...declared } = (await readTable(file))[report.adapter] ?? {};
  const message = `the table says something else of ${report.adapter}: write it again`;
  assert.deepEqual(declared, report.declared(), message);
}
