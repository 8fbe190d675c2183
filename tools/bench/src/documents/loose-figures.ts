import { withoutFigures } from './markers.ts';

/** A figure as a measurement gives it: a number with a unit of time, rate or size, or so many times something. */
const FIGURE =
  /\b\d[\d,.]*(?: to \d[\d,.]*)? ?(?:ms|µs|us|s|min|MiB|GiB|KiB|MB|KB|bytes|%|x)(?![\w-])|\b\d[\d,.]*\/s\b|\b\d+\.\d+ \(\d/;

export interface WatchedDocument {
  readonly path: string;
  /** Only what stands below this heading; all of it otherwise. */
  readonly heading?: string;
  /** What looks like a figure and is none that was measured: why, by the text of its line. */
  readonly exceptions: Readonly<Record<string, string>>;
}

/** Lines that have a figure outside of a marker and are no exception. */
export function looseFigures(text: string, { heading, exceptions }: WatchedDocument): readonly string[] {
  const loose: string[] = [];
  let [level, fenced] = [heading === undefined ? 0 : Infinity, false];
  for (const line of withoutFigures(text).split('\n')) {
    const [, marks = '', title] = /^(#+) (.*)$/.exec(line) ?? [];
    if (line.startsWith('```')) fenced = !fenced;
    else if (heading !== undefined && title === heading) level = marks.length;
    else if (heading !== undefined && title !== undefined && marks.length <= level) level = Infinity;
    if (level === Infinity || fenced || !FIGURE.test(line.replaceAll(/`[^`]*`/g, ''))) continue;
    if (!Object.keys(exceptions).some((excepted) => line.includes(excepted))) loose.push(line.trim());
  }
  return loose;
}

/** Exceptions that nothing in the document needs any more. */
export function staleExceptions(text: string, { exceptions }: WatchedDocument): readonly string[] {
  return Object.keys(exceptions).filter((excepted) => !text.includes(excepted));
}
