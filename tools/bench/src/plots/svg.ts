import { plot } from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Told apart from each other and from a light and a dark ground. */
const COLORS = ['#3b82f6', '#e8833a', '#2fa36b', '#a56eea', '#e5534b', '#1b9aaa', '#d8629c', '#8b949e'];

const STYLE = `
svg{--ground:#ffffff;background:var(--ground);color:#24292f}
@media (prefers-color-scheme:dark){svg{--ground:#0d1117;color:#d1d7de}}
`;

const LINE_HEIGHT = 16;
const WIDTH = 760;

/** A plot as a file of its own: title, legend, marks. Text and ground follow the reader's light or dark setting. */
export function svgOf(title: string, series: readonly string[], options: PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const legend = legendRows(series);
  const marginTop = 30 + legend.length * LINE_HEIGHT + 12;
  const height = marginTop + (options.height ?? 300) + 44;
  const drawn = plot({
    document,
    ...options,
    width: WIDTH,
    height,
    marginTop,
    marginBottom: 40,
    color: { domain: [...series], range: series.map((_, index) => colorOf(index)) },
  }) as unknown as { outerHTML: string };
  const body = rounded(drawn.outerHTML).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" role="img" ');
  const start = body.indexOf('</style>') + '</style>'.length;
  const ground = `<style>${STYLE}</style><title>${escaped(title)}</title><rect width="100%" height="100%" fill="var(--ground)"/>`;
  const head = `<text x="14" y="20" text-anchor="start" font-size="13" font-weight="600">${escaped(title)}</text>`;
  return `${body.slice(0, start)}${ground}${head}${legend.flat().join('')}${body.slice(start)}\n`;
}

/** Coordinates to a hundredth of a pixel: the digits beyond may differ between machines. */
function rounded(svg: string): string {
  return svg.replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll(/\d+\.\d{3,}/g, (digits) => Number(digits).toFixed(2)));
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length] as string;
}

/** Beside each other as far as there is room. */
function legendRows(series: readonly string[]): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let left = WIDTH;
  for (const [index, name] of series.entries()) {
    const width = 30 + name.length * 6;
    if (left + width > WIDTH) {
      rows.push([]);
      left = 14;
    }
    const y = 24 + rows.length * LINE_HEIGHT;
    rows
      .at(-1)
      ?.push(
        `<circle cx="${left + 5}" cy="${y - 4}" r="4" fill="${colorOf(index)}"/>` +
          `<text x="${left + 14}" y="${y}" text-anchor="start" font-size="11">${escaped(name)}</text>`,
      );
    left += width;
  }
  return rows;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
