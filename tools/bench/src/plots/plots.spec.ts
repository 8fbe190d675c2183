import { describe, expect, it } from '@jest/globals';
import { DOMParser } from 'linkedom';
import type { Row } from '../benchmark.ts';
import { plotsOf } from './plots.ts';

function rowOf(name: string, arm: string, ratio: number, growth?: Row['growth']): Row {
  const base = {
    name,
    arm,
    unit: 'ms',
    p50: ratio,
    p95: ratio * 2,
    ratio: { median: ratio, min: ratio / 2, max: ratio * 3 },
  };
  return growth === undefined ? base : { ...base, growth };
}

const OPERATIONS = ['get', 'verify & touch', 'create <new>', 'revoke'];
const RATIOS = OPERATIONS.flatMap((operation) => [
  rowOf(`redis, one at a time: ${operation} / raw`, 'raw: GET', 1),
  rowOf(`redis, one at a time: ${operation} / raw`, 'mooring', 1.2),
]);
const GROWTH = [10, 100, 1000].flatMap((at) =>
  ['redis', 'postgres'].map((arm) =>
    rowOf(`${at} sessions: time / the fewest`, arm, at / 10, { plot: 'time by sessions', axis: 'sessions', at }),
  ),
);

/** Texts in the order of the file. A document that is not well-formed has an error in the place of its root. */
function textsOf(svg: string): readonly string[] {
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(document.documentElement?.localName).toBe('svg');
  return [...document.querySelectorAll('text')].map(({ textContent }) => textContent ?? '');
}

describe('plotsOf', () => {
  it('draws the arms of each figure, and says which they are', () => {
    const [plot, ...others] = plotsOf('redis', RATIOS);
    expect(others).toEqual([]);
    expect(plot?.file).toBe('redis-one-at-a-time.svg');
    expect(textsOf(plot?.svg ?? '')).toEqual(
      expect.arrayContaining(['raw', 'mooring', ...OPERATIONS.map((name) => `${name} / raw`)]),
    );
    expect(plot?.svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(RATIOS.length);
  });

  it('draws how a figure grows, a line for each arm', () => {
    const [plot] = plotsOf('sessions', GROWTH);
    expect(plot?.title).toBe('time by sessions');
    expect(textsOf(plot?.svg ?? '')).toEqual(expect.arrayContaining(['redis', 'postgres', '10', '100', '1,000']));
    expect(plot?.svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(GROWTH.length);
  });

  it('closes what it opens, and has a number wherever one belongs', () => {
    for (const { svg } of plotsOf('redis', [...RATIOS, ...GROWTH])) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|&(?!amp;|lt;|gt;)/);
      const open: string[] = [];
      for (const [, closing, name, , single] of svg.matchAll(/<(\/?)([a-z]+)((?:[^>"]|"[^"]*")*?)(\/?)>/g)) {
        if (closing === '/') expect(open.pop()).toBe(name);
        else if (single !== '/') open.push(name ?? '');
      }
      expect(open).toEqual([]);
    }
  });

  it('leaves out what a logarithmic axis can not show', () => {
    expect(
      plotsOf(
        'redis',
        RATIOS.map((row) => ({ ...row, ratio: { median: 0, min: 0, max: 0 } })),
      ),
    ).toEqual([]);
  });

  it('has text and ground for light and dark', () => {
    for (const { svg } of plotsOf('redis', RATIOS)) {
      expect(svg).toContain('@media (prefers-color-scheme:dark)');
      expect(svg).toContain('<rect width="100%" height="100%" fill="var(--ground)"');
    }
  });
});
