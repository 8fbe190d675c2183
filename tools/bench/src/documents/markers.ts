import { figureText, UnknownFigure, type Reports } from './selector.ts';
import { tableText } from './tables.ts';

/** What stands between two comments that nobody sees, and is written from the reports. */
const MARKED = /<!-- (figure|table) ([^]*?) -->([^]*?)<!-- \/\1 -->/g;
const OPENING = /<!-- (?:figure|table) /g;

/** A document with its figures and tables as the reports have them. */
export function withFigures(text: string, reports: Reports): string {
  const marked = [...text.matchAll(MARKED)].length;
  const opened = text.match(OPENING)?.length ?? 0;
  if (marked !== opened) throw new UnknownFigure(`${opened} markers begin and ${marked} end`);
  return text.replaceAll(MARKED, (_, kind: string, selector: string) => {
    const named = selector.trim().replaceAll(/\s+/g, ' ');
    const content = kind === 'figure' ? figureText(reports, named) : `\n\n${tableText(reports, named)}\n\n`;
    return `<!-- ${kind} ${selector} -->${content}<!-- /${kind} -->`;
  });
}

/** A document without what is written from the reports. */
export function withoutFigures(text: string): string {
  return text.replaceAll(MARKED, (whole) => whole.replaceAll(/[^\n]/g, ' '));
}
