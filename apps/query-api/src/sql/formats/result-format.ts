import type { Column, RowBatch } from '@mooring/engine';
import { arrowStream } from './arrow-stream.ts';
import { csvLines } from './csv-lines.ts';
import { jsonLines } from './json-lines.ts';

export type Part = Uint8Array | string;

/** A form in which the rows of one statement are streamed. */
export interface ResultFormat<Parts extends Part | Iterable<Part> = Part> {
  readonly contentType: string;
  encoder(columns: readonly Column[]): ResultEncoder<Parts>;
}

/** A part for what comes before the rows, one for each batch, one for the end: or several, each made when it is asked for. */
export interface ResultEncoder<Parts> {
  begin(): Part;
  rows(batch: RowBatch): Parts;
  end(): Parts;
}

const STREAMED: Readonly<Record<string, ResultFormat>> = {
  'application/x-ndjson': jsonLines,
  'text/csv': csvLines,
  'application/vnd.apache.arrow.stream': arrowStream,
};

/** In the order in which a wildcard finds them. */
const MEDIA_TYPES = ['application/json', ...Object.keys(STREAMED)];

/** What an Accept header asks for (RFC 9110, 12.5.1): a format, `json`, or undefined where there is none that it takes. */
export function formatFor(accept: string | undefined): ResultFormat | 'json' | undefined {
  if (accept === undefined || accept.trim() === '') return 'json';
  const ranges = accept.split(',').map(rangeOf);
  let best: { readonly type: string; readonly quality: number } | undefined;
  for (const type of MEDIA_TYPES) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best === undefined) return undefined;
  return STREAMED[best.type] ?? 'json';
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function rangeOf(entry: string): MediaRange {
  const [range = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = given === undefined ? 1 : Number(given);
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most precise range counts. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const kind = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, kind, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
