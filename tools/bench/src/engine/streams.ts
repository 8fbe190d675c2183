import { median } from '../statistics.ts';
import { orderOf } from '../stores/turns.ts';
import type { EngineLaboratory } from './engine-laboratory.ts';
import { checkAtLeast, checkAtMost, figureRow } from './engine-report.ts';
import type { SectionReport } from './engine-report.ts';
import { residentDuring, residentMib } from './resident-memory.ts';
import { ALL_ROWS, NAMESPACE } from './statements.ts';

interface Format {
  readonly name: string;
  readonly mediaType: string;
  /** Of DuckDB's COPY; it has none for Arrow. */
  readonly copyOptions?: string;
}

const FORMATS: readonly Format[] = [
  { name: 'NDJSON', mediaType: 'application/x-ndjson', copyOptions: 'format json' },
  { name: 'CSV', mediaType: 'text/csv', copyOptions: 'format csv, header' },
  { name: 'Arrow', mediaType: 'application/vnd.apache.arrow.stream' },
];

const MOST_MIB = 64;
const LEAST_SPEED = 0.7;

interface Streamed {
  readonly tookMs: number;
  readonly megabytes: number;
  readonly aboveIdleMib: number;
  readonly fileMs: number;
}

/** All rows of a table over HTTP, next to DuckDB writing the same rows into a file. */
export async function measureStreams(
  laboratory: EngineLaboratory,
  rows: number,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const streamed: Streamed[][] = FORMATS.map(() => []);
  const idle = await residentMib(laboratory.api);
  for (const format of FORMATS) await stream(laboratory, format);
  for (let run = 0; run < runs; run += 1) {
    progress(`streams: run ${run + 1} of ${runs}`);
    for (const index of orderOf(FORMATS.length, run)) {
      const format = FORMATS[index] as Format;
      const { result, mostMib } = await residentDuring(laboratory.api, () => stream(laboratory, format));
      const fileMs = await writeFile(laboratory, format);
      streamed[index]?.push({ ...result, aboveIdleMib: mostMib - idle, fileMs });
    }
  }
  return reportOf(rows, streamed);
}

function reportOf(rows: number, streamed: readonly (readonly Streamed[])[]): SectionReport {
  const valuesOf = (index: number, value: keyof Streamed): number[] => (streamed[index] ?? []).map((run) => run[value]);
  const title = `${rows.toLocaleString('en-GB')} rows`;
  const written = FORMATS.flatMap((format, index) => (format.copyOptions === undefined ? [] : [{ ...format, index }]));
  const fastest = FORMATS.map((_, index) => median(valuesOf(index, 'tookMs')));
  const others = Math.min(...fastest.slice(0, -1));
  return {
    rows: [
      ...written.map(({ name, index }) =>
        figureRow(`${title}: DuckDB into a file / itself`, name, 'ms', valuesOf(index, 'fileMs')),
      ),
      ...FORMATS.map(({ name }, index) => {
        const reference = valuesOf(index, 'fileMs').map((ms, run) => ms || (valuesOf(0, 'tookMs')[run] ?? Number.NaN));
        const than = name === 'Arrow' ? 'NDJSON over HTTP' : 'DuckDB into a file';
        return figureRow(`${title}: over HTTP / ${than}`, name, 'ms', valuesOf(index, 'tookMs'), reference);
      }),
      ...FORMATS.map(({ name }, index) => figureRow(`${title}: bytes`, name, 'MB', valuesOf(index, 'megabytes'))),
      ...FORMATS.map(({ name }, index) =>
        figureRow(`${title}: memory above idle`, name, 'MiB', valuesOf(index, 'aboveIdleMib')),
      ),
    ],
    checks: [
      ...written.map(({ name, index }) => {
        const speeds = valuesOf(index, 'tookMs').map((ms, run) => (valuesOf(index, 'fileMs')[run] ?? Number.NaN) / ms);
        return checkAtLeast(`${title} as ${name}: speed / DuckDB into a file`, LEAST_SPEED, median(speeds));
      }),
      checkAtMost(`${title}: time of Arrow / of the next best`, 1, (fastest.at(-1) ?? Number.NaN) / others),
      ...FORMATS.map(({ name }, index) =>
        checkAtMost(`${title} as ${name}: MiB above idle`, MOST_MIB, Math.max(...valuesOf(index, 'aboveIdleMib'))),
      ),
    ],
  };
}

async function stream(
  { api, tokens }: EngineLaboratory,
  { mediaType }: Format,
): Promise<{ readonly tookMs: number; readonly megabytes: number }> {
  const startedAt = performance.now();
  const answer = await fetch(`${api.url}/v1/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.user}`, 'content-type': 'application/json', accept: mediaType },
    body: JSON.stringify({ sql: ALL_ROWS, namespace: NAMESPACE }),
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(`a stream was refused: ${await answer.text()}`);
  let bytes = 0;
  for await (const part of answer.body) bytes += (part as Uint8Array).byteLength;
  return { tookMs: performance.now() - startedAt, megabytes: bytes / 1e6 };
}

/** Milliseconds; 0 of a format that DuckDB does not write. */
async function writeFile({ bare }: EngineLaboratory, { copyOptions }: Format): Promise<number> {
  if (copyOptions === undefined) return 0;
  const answer = await fetch(`${bare.url}/file`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql: ALL_ROWS, options: copyOptions }),
  });
  return ((await answer.json()) as { readonly tookMs: number }).tookMs;
}
